"""The loop that trains the UNet to paint what the text encoder sketches."""

from dataclasses import dataclass

import numpy as np
import torch

from generation.training.guidance import Guide
from generation.training.latents import TrainingSet, load_training_set
from generation.training.pipeline import assemble, load_vae, new_unet, signal_levels
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
    eager: float = 3.0  # learning rate of the cross-attention, times the rest's
    noisy: float = 0.6  # timesteps are drawn as u ** noisy: below 1 the noisy ones, which decide the content, prevail
    guided: float = 0.1  # weight of the loss that tells the cross-attention where to look
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

    def __init__(self, place: Workplace, looks: tuple[str, ...], plan: PaintPlan, workers: Workers, unet=None):
        self.place, self.looks, self.plan, self.workers = place, looks, plan, workers
        self.tokenizer = load_tokenizer(place.tokenizer)
        self.read_at: dict[str, float] = {}
        self.pools: dict[str, CaptionPool] = {}
        torch.manual_seed(0)
        self.unet = unet or new_unet(load_sketcher(place, looks[0]).head.in_features)
        self.unet.to(memory_format=torch.channels_last).train()
        self.guide = Guide(self.unet)
        self.mean = type(self.unet).from_config(self.unet.config).requires_grad_(False)
        self.mean.load_state_dict(self.unet.state_dict())
        self.optimiser = torch.optim.AdamW(
            _groups(self.unet, plan),
            lr=plan.lr, betas=(0.9, 0.985), weight_decay=0.005, fused=True,
        )  # fmt: skip
        self.signal, self.steps, self.path = signal_levels(), 0, place.unet_state()
        self.rng, self.draws = seeds(workers.rank, 0)

    def step(self) -> dict[str, float]:
        """One batch; returns the figures for the log."""
        pool = self._pool(self.looks[self.steps % len(self.looks)])
        pool.refresh(self.plan.fresh)
        latents, states = pool.pick(self.plan.batch)
        error, loss = velocity_loss(self.unet, latents, states, self.signal, self.plan.noisy)
        astray = self.guide.loss()
        (loss + self.plan.guided * astray).backward()
        torch.nn.utils.clip_grad_norm_(self.unet.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.steps += 1
        if self.steps % SYNC_EVERY == 0:
            self.workers.average(list(self.unet.parameters()))
            keep = min(self.plan.averaged, self.steps / (self.steps + 20))
            torch._foreach_lerp_(list(self.mean.parameters()), list(self.unet.parameters()), 1 - keep)
        return {"error": error.item(), "loss": loss.item(), "astray": astray.item()}

    def _pool(self, look: str) -> CaptionPool:
        """The look's captions, encoded by its newest text encoder, which another process may be training."""
        written = self.place.text_state(look).stat().st_mtime
        if look not in self.pools:
            data, sketcher = load_training_set(self.place, look), load_sketcher(self.place, look)
            self.pools[look] = CaptionPool(data, sketcher, self.tokenizer, self.plan.pool, self.rng, self.draws)
        elif written != self.read_at[look]:
            self.pools[look].encoder = load_sketcher(self.place, look).encoder
        self.read_at[look] = written
        return self.pools[look]

    def train(self, seconds: float, log: Log) -> None:
        clock, saved, share = Clock(seconds), 0.0, 0.0
        while share < 1:
            if self.steps % SYNC_EVERY == 0:
                share = self.workers.agree(clock.share)
            set_rate(self.optimiser, rate(share, self.steps, self.plan.warm_up, self.plan.hold))
            log.add(**self.step())
            if self.steps % 25 == 0:
                samples = self.steps * self.plan.batch * self.workers.count
                log.line(phase="unet", steps=self.steps, samples=samples)
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
        for look in self.looks:
            pipeline = self.pipeline(look)
            pipeline.save_pretrained(self.place.pipeline(look))
            sheet = contact_sheet(draw(pipeline, WATCHED, steps=8), WATCHED)
            sheet.save(self.place.sheets() / f"{look}-{self.steps:06d}.png")
        torch.set_rng_state(random)

    def pipeline(self, look: str):
        encoder = load_sketcher(self.place, look).encoder
        return assemble(load_vae(self.place.vae), encoder, self.tokenizer, self.mean.eval())

    def resume(self) -> None:
        """Go on from the saved state."""
        state = load_state(self.path)
        self.unet.load_state_dict(state["unet"])
        self.mean.load_state_dict(state["mean"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps = state["steps"]
        if self.workers.leads:
            restore_random(state["random"], self.rng, self.draws)
        else:
            self.rng, self.draws = seeds(self.workers.rank, self.steps)


def _groups(unet, plan: PaintPlan) -> list[dict]:
    """The cross-attention, which is new, learns faster than the rest."""
    reading = [p for n, p in unet.named_parameters() if ".attn2." in n]
    known = {id(p) for p in reading}
    rest = [p for p in unet.parameters() if id(p) not in known]
    return [{"params": rest, "base": plan.lr}, {"params": reading, "base": plan.lr * plan.eager}]


def velocity_loss(unet, latents, states, signal, noisy: float = 1.0):
    """Mean squared error of the predicted velocity, plain and weighted.

    The weight is 1 up to a signal-to-noise ratio of 4 and falls above it. Plain min-SNR weights would starve
    the noisy steps, which decide what is in the picture.
    """
    count = len(latents)
    spread = ((torch.arange(count) + torch.rand(count)) / count) ** noisy
    steps = (spread * len(signal)).long().clamp(0, len(signal) - 1)
    kept = signal[steps].view(-1, 1, 1, 1)
    noise = torch.randn_like(latents)
    noisy = kept.sqrt() * latents + (1 - kept).sqrt() * noise
    target = kept.sqrt() * noise - (1 - kept).sqrt() * latents
    with torch.autocast("cpu", torch.bfloat16):
        guess = unet(noisy.contiguous(memory_format=torch.channels_last), steps, states).sample.float()
    error = (guess - target).square().mean((1, 2, 3))
    ratio = (kept / (1 - kept)).flatten()
    return error.mean(), (error * (5 / (ratio + 1)).clamp(max=1)).mean()
