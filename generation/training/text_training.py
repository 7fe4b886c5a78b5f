"""The loop that trains the text encoder (see text.py)."""

from dataclasses import asdict, dataclass, replace

import torch

from generation.training.captions import caption
from generation.training.head_start import write_memory
from generation.training.latents import TrainingSet, load_training_set
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
from generation.training.text import Sketcher, TextShape, to_patches
from generation.training.tokenizer import encode, load_tokenizer
from generation.training.workers import SYNC_EVERY, Workers


@dataclass(frozen=True)
class TextPlan:
    """Settings of a text run; found by short trials."""

    batch: int = 40
    asked: int = 20  # draft positions judged at a step, of 64
    lr: float = 3e-4
    hold: float = 0.4
    averaged: float = 0.99  # weight of the past in the running mean, per averaging


class TextRun:
    """A text encoder under training, with the running mean of its weights that is what gets used."""

    def __init__(self, place: Workplace, look: str, plan: TextPlan, shape: TextShape, workers: Workers):
        self.data, self.plan, self.workers = load_training_set(place, look), plan, workers
        self.tokenizer = load_tokenizer(place.tokenizer)
        self.shape = shape = replace(shape, vocabulary=len(self.tokenizer))
        self.path, self.steps = place.text_state(look), 0
        torch.manual_seed(0)
        self.model, self.mean = Sketcher(shape), Sketcher(shape).requires_grad_(False)
        self.patches = to_patches(self.data.latents)
        self.model.mean.copy_(self.patches.mean(0))
        write_memory(self.model, self.tokenizer, self.data)
        self.mean.load_state_dict(self.model.state_dict())
        self.optimiser = _optimiser(self.model, plan)
        self.rng, self.draws = seeds(workers.rank, 0)

    def step(self) -> dict[str, float]:
        """One batch of captions; returns the figures for the log."""
        chosen = self.data.draw(self.plan.batch, self.draws)
        ids = encode(self.tokenizer, captions(self.data, chosen, self.rng))
        error, loss = self.model.loss(ids, self.patches[chosen], self.plan.asked)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.steps += 1
        if self.steps % SYNC_EVERY == 0:
            self.workers.average(list(self.model.parameters()))
            keep = min(self.plan.averaged, self.steps / (self.steps + 40))
            torch._foreach_lerp_(list(self.mean.parameters()), list(self.model.parameters()), 1 - keep)
        return {"error": error.item()}

    def train(self, seconds: float, log: Log, save_every: float = 150) -> None:
        clock, saved, share = Clock(seconds), 0.0, 0.0
        if self.workers.leads and not self.path.exists():
            self.save()
        while share < 1:
            if self.steps % SYNC_EVERY == 0:
                share = self.workers.agree(clock.share)
            set_rate(self.optimiser, rate(share, self.steps, 50, self.plan.hold))
            log.add(**self.step())
            if self.steps % 50 == 0:
                log.line(phase="text", steps=self.steps, captions=self.steps * self.plan.batch * self.workers.count)
            if self.workers.leads and clock.passed - saved > save_every:
                self.save()
                saved = clock.passed
        if self.workers.leads:
            self.save()

    def save(self) -> None:
        save_whole(
            {
                "shape": asdict(self.shape),
                "steps": self.steps,
                "model": self.model.state_dict(),
                "mean": self.mean.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "random": random_states(self.rng, self.draws),
            },
            self.path,
        )

    def resume(self, path=None) -> None:
        """Go on from a saved state; from another look's state (`path`) only the weights are taken."""
        state = load_state(path or self.path)
        self.model.load_state_dict(state["model"])
        self.mean.load_state_dict(state["mean"])
        if path:
            self.model.mean.copy_(self.patches.mean(0))
            self.mean.mean.copy_(self.patches.mean(0))
            return
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps = state["steps"]
        if self.workers.leads:
            restore_random(state["random"], self.rng, self.draws)
        else:
            self.rng, self.draws = seeds(self.workers.rank, self.steps)


def captions(data: TrainingSet, chosen, rng) -> list[str]:
    """A fresh caption for each chosen item."""
    items = [data.items[i] for i in chosen]
    return [caption(data.concepts[item.concept], item, data.look, rng) for item in items]


def load_sketcher(place: Workplace, look: str) -> Sketcher:
    """The averaged text encoder of a look, ready to use."""
    state = load_state(place.text_state(look))
    sketcher = Sketcher(TextShape(**state["shape"]))
    sketcher.load_state_dict(state["mean"])
    return sketcher.eval().requires_grad_(False)


def _optimiser(model: Sketcher, plan: TextPlan):
    """Adam with small steps: the written memory is worth keeping."""
    return torch.optim.AdamW(
        [{"params": list(model.parameters()), "base": plan.lr}], lr=plan.lr, betas=(0.9, 0.985), weight_decay=0.0
    )
