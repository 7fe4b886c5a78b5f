"""Trains a ControlNet for the starter: what is drawn follows white lines on black.

The usual ones copy the UNet's whole encoder. This one leaves out the attention to words: lines say where, words say
what, and the UNet reads those itself. That makes it 9 MB instead of 17.
"""

from dataclasses import dataclass
from pathlib import Path

import torch

from generation.training.control_sheet import measure, watched_sheet
from generation.training.latents import load_training_set
from generation.training.pipeline import load_pipeline, signal_levels
from generation.training.places import Workplace
from generation.training.running import (
    Clock,
    Log,
    load_state,
    random_states,
    rate,
    restore_random,
    save_whole,
    seeds,
    set_rate,
)
from generation.training.scenes import ScenePool, Scenes
from generation.training.unet_training import velocity_loss


@dataclass(frozen=True)
class ControlPlan:
    """Settings of a ControlNet run."""

    batch: int = 16
    lr: float = 1e-3
    warm_up: int = 50
    hold: float = 0.5
    noisy: float = 0.6  # as in PaintPlan
    pool: int = 768
    fresh: int = 4  # pictures replaced at every step
    save_every: float = 300  # seconds


def new_network(unet):
    """An untrained ControlNet for this UNet: its convolutions copied, its attention left out, silent at first."""
    from diffusers import ControlNetModel

    config, levels = unet.config, len(unet.config.block_out_channels)
    network = ControlNetModel(
        in_channels=config.in_channels,
        down_block_types=("DownBlock2D",) * levels,
        mid_block_type="UNetMidBlock2D",
        only_cross_attention=False,
        block_out_channels=tuple(config.block_out_channels),
        layers_per_block=config.layers_per_block,
        norm_num_groups=config.norm_num_groups,
        cross_attention_dim=config.cross_attention_dim,
        attention_head_dim=config.attention_head_dim,
        conditioning_embedding_out_channels=(16, 32, 64, 128),
    )
    known, wanted = unet.state_dict(), network.state_dict()
    network.load_state_dict({name: known.get(name, weight) for name, weight in wanted.items()})
    return network


class ControlRun:
    """A ControlNet under training on top of a finished pipeline, which does not change."""

    def __init__(self, place: Workplace, look: str, base: Path, plan: ControlPlan):
        self.place, self.look, self.plan, self.steps = place, look, plan, 0
        self.pipeline = load_pipeline(base)
        self.unet = self.pipeline.unet.requires_grad_(False).to(memory_format=torch.channels_last)
        torch.manual_seed(0)
        self.network = new_network(self.unet).to(memory_format=torch.channels_last).train()
        self.optimiser = torch.optim.AdamW(
            [{"params": list(self.network.parameters()), "base": plan.lr}],
            lr=plan.lr, betas=(0.9, 0.985), weight_decay=0.005,
        )  # fmt: skip
        self.rng, self.draws = seeds(0, 0)
        data = load_training_set(place, look)
        self.pool = ScenePool(Scenes(place, look), data, self.pipeline, plan.pool, self.rng, self.draws)
        self.signal = signal_levels()

    def step(self) -> dict[str, float]:
        """One batch; returns the figures for the log."""
        self.pool.refresh(self.plan.fresh)
        batch = self.pool.pick(self.plan.batch)
        steered = self._steered(batch.lines)
        error, loss = velocity_loss(steered, batch.latents, batch.states, self.signal, self.plan.noisy)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.steps += 1
        return {"error": error.item(), "loss": loss.item()}

    def _steered(self, lines):
        """The UNet as it predicts with these lines beside it."""

        def predict(noisy, steps, states):
            down, middle = self.network(noisy, steps, states, controlnet_cond=lines, return_dict=False)
            more = {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}
            return self.unet(noisy, steps, states, **more)

        return predict

    def train(self, seconds: float, log: Log) -> None:
        clock, saved = Clock(seconds), 0.0
        while clock.share < 1:
            set_rate(self.optimiser, rate(clock.share, self.steps, self.plan.warm_up, self.plan.hold))
            log.add(**self.step())
            if self.steps % 25 == 0:
                log.line(phase="control", steps=self.steps, samples=self.steps * self.plan.batch)
            if clock.passed - saved > self.plan.save_every:
                self.save()
                saved = clock.passed
        self.save()

    def save(self) -> None:
        """State, network folder and contact sheet."""
        save_whole(
            {
                "steps": self.steps,
                "network": self.network.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "random": random_states(self.rng, self.draws),
            },
            self.place.control_state(self.look),
        )
        self.network.save_pretrained(self.place.control(self.look))
        random = torch.get_rng_state()
        sheet = watched_sheet(self.pipeline, self.network, self.pool.scenes, self.pool.data)
        sheet.save(self.place.sheets() / f"control-{self.steps:06d}.png")
        torch.set_rng_state(random)

    def measure(self) -> dict[str, float]:
        """The agreement of edges, see control_sheet.measure."""
        return measure(self.pipeline, self.network, self.pool.scenes, self.pool.data)

    def resume(self) -> None:
        """Go on from the saved state."""
        state = load_state(self.place.control_state(self.look))
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps = state["steps"]
        restore_random(state["random"], self.rng, self.draws)
