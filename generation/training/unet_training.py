"""The loop that trains the UNet to paint what the text encoder sketches."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from generation.training.latents import TrainingSet, load_training_set
from generation.training.pipeline import assemble, load_vae, new_unet, signal_levels
from generation.training.places import Workplace
from generation.training.running import Clock, Log, load_state, random_states, rate, restore_random, save_whole
from generation.training.running import seeds, set_rate
from generation.training.sheet import WATCHED, contact_sheet, draw
from generation.training.text_training import captions, load_sketcher
from generation.training.tokenizer import encode, load_tokenizer
from generation.training.workers import SYNC_EVERY, Workers


@dataclass(frozen=True)
class PaintPlan:
    """Settings of a UNet run."""

    batch: int = 24
    lr: float = 8e-4
    warm_up: int = 30
    hold: float = 0.5
    averaged: float = 0.99  # weight of the past in the running mean, per averaging
    pool: int = 3072  # encoded captions kept at hand
    fresh: int = 4  # of them replaced at every step
    save_every: float = 300  # seconds


class CaptionPool:
    """Captions already encoded, each used a few times with different noise before it is replaced.

    The text encoder does not change while the UNet learns, so a caption need not be encoded at every step.
    """

    def __init__(self, data: TrainingSet, sketcher, tokenizer, size: int, rng, draws: np.random.Generator):
        self.data, self.encoder, self.tokenizer = data, sketcher.encoder, tokenizer
        self.rng, self.draws, self.oldest = rng, draws, 0
        self.items = np.zeros(size, int)
        first = self._encode(self.data.draw(1, draws))
        self.states = torch.zeros((size, *first.shape[1:]), dtype=torch.bfloat16)
        for _ in range(0, size, 64):
            self.refresh(min(64, size))

    def refresh(self, count: int) -> None:
        """Replace the `count` oldest captions."""
        slots = (self.oldest + np.arange(count)) % len(self.items)
        self.items[slots] = self.data.draw(count, self.draws)
        self.states[slots] = self._encode(self.items[slots])
        self.oldest = int((self.oldest + count) % len(self.items))

    def pick(self, count: int):
        """Latents (B, 4, 16, 16) and text states (B, 88, width)."""
        slots = self.draws.integers(0, len(self.items), count)
        return self.data.latents[self.items[slots]], self.states[slots].float()

    @torch.no_grad()
    def _encode(self, chosen):
        ids = encode(self.tokenizer, captions(self.data, chosen, self.rng))
        with torch.autocast("cpu", torch.bfloat16):
            return self.encoder(ids).last_hidden_state.bfloat16()


class PaintRun:
    """A UNet under training and the running mean of its weights, which is what gets exported."""

    def __init__(self, place: Workplace, look: str, plan: PaintPlan, workers: Workers, unet=None):
        self.place, self.look, self.plan, self.workers = place, look, plan, workers
        self.data, self.tokenizer = load_training_set(place, look), load_tokenizer(place.tokenizer)
        self.sketcher = load_sketcher(place, look)
        torch.manual_seed(0)
        self.unet = unet or new_unet(self.sketcher.head.in_features)
        self.unet.to(memory_format=torch.channels_last).train()
        self.mean = type(self.unet).from_config(self.unet.config).requires_grad_(False)
        self.mean.load_state_dict(self.unet.state_dict())
        self.optimiser = torch.optim.AdamW(
            [{"params": list(self.unet.parameters()), "base": plan.lr}],
            lr=plan.lr, betas=(0.9, 0.985), weight_decay=0.005, fused=True,
        )  # fmt: skip
        self.signal, self.steps, self.path = signal_levels(), 0, place.unet_state(look)
        self.rng, self.draws = seeds(workers.rank, 0)
        self.pool: CaptionPool | None = None

    def step(self) -> dict[str, float]:
        """One batch; returns the figures for the log."""
        if self.pool is None:
            self.pool = CaptionPool(
                self.data, self.sketcher, self.tokenizer, self.plan.pool, self.rng, self.draws
            )
        self.pool.refresh(self.plan.fresh)
        latents, states = self.pool.pick(self.plan.batch)
        error, loss = velocity_loss(self.unet, latents, states, self.signal)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.unet.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.steps += 1
        if self.steps % SYNC_EVERY == 0:
            self.workers.average(list(self.unet.parameters()))
            keep = min(self.plan.averaged, self.steps / (self.steps + 20))
            torch._foreach_lerp_(list(self.mean.parameters()), list(self.unet.parameters()), 1 - keep)
        return {"error": error.item(), "loss": loss.item()}

    def train(self, seconds: float, log: Log) -> None:
        clock, saved, share = Clock(seconds), 0.0, 0.0
        while share < 1:
            if self.steps % SYNC_EVERY == 0:
                share = self.workers.agree(clock.share)
            set_rate(self.optimiser, rate(share, self.steps, self.plan.warm_up, self.plan.hold))
            log.add(**self.step())
            if self.steps % 50 == 0:
                samples = self.steps * self.plan.batch * self.workers.count
                log.line(phase="unet", look=self.look, steps=self.steps, samples=samples)
            if self.workers.leads and clock.passed - saved > self.plan.save_every:
                self.save()
                saved = clock.passed
        if self.workers.leads:
            self.save()

    def save(self) -> None:
        """State, pipeline folder and contact sheet."""
        save_whole(
            {
                "steps": self.steps,
                "unet": self.unet.state_dict(),
                "mean": self.mean.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "random": random_states(self.rng, self.draws),
            },
            self.path,
        )
        random = torch.get_rng_state()
        pipeline = self.pipeline()
        pipeline.save_pretrained(self.place.pipeline(self.look))
        sheet = contact_sheet(draw(pipeline, WATCHED, steps=10), WATCHED)
        sheet.save(self.place.sheets() / f"{self.look}-{self.steps:06d}.png")
        torch.set_rng_state(random)

    def pipeline(self):
        return assemble(load_vae(self.place.vae), self.sketcher.encoder, self.tokenizer, self.mean.eval())

    def resume(self, path: Path | None = None) -> None:
        """Go on from a saved state; from another look's state (`path`) only the weights are taken."""
        state = load_state(path or self.path)
        self.unet.load_state_dict(state["unet"])
        self.mean.load_state_dict(state["mean"])
        if path:
            return
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps = state["steps"]
        if self.workers.leads:
            restore_random(state["random"], self.rng, self.draws)
        else:
            self.rng, self.draws = seeds(self.workers.rank, self.steps)


def velocity_loss(unet, latents, states, signal):
    """Mean squared error of the predicted velocity, plain and weighted.

    The weight is 1 up to a signal-to-noise ratio of 4 and falls above it. Plain min-SNR weights would starve
    the noisy steps, which decide what is in the picture.
    """
    count = len(latents)
    steps = ((torch.arange(count) + torch.rand(count)) / count * len(signal)).long().clamp(0, len(signal) - 1)
    kept = signal[steps].view(-1, 1, 1, 1)
    noise = torch.randn_like(latents)
    noisy = kept.sqrt() * latents + (1 - kept).sqrt() * noise
    target = kept.sqrt() * noise - (1 - kept).sqrt() * latents
    with torch.autocast("cpu", torch.bfloat16):
        guess = unet(noisy.contiguous(memory_format=torch.channels_last), steps, states).sample.float()
    error = (guess - target).square().mean((1, 2, 3))
    ratio = (kept / (1 - kept)).flatten()
    return error.mean(), (error * (5 / (ratio + 1)).clamp(max=1)).mean()
