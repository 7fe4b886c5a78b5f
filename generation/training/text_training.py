"""The loop that trains the text encoder (see text.py)."""

from dataclasses import asdict, dataclass

import torch

from generation.training.captions import caption
from generation.training.latents import TrainingSet, load_training_set
from generation.training.muon import Muon
from generation.training.places import Workplace
from generation.training.running import Clock, Log, load_state, random_states, rate, restore_random, save_whole
from generation.training.running import seeds, set_rate
from generation.training.text import Sketcher, TextShape, to_patches
from generation.training.tokenizer import encode, load_tokenizer
from generation.training.workers import SYNC_EVERY, Workers


@dataclass(frozen=True)
class TextPlan:
    """Settings of a text run; found by short trials."""

    batch: int = 24
    lr: float = 0.01
    adam_lr: float = 2e-3
    hold: float = 0.4
    averaged: float = 0.99  # weight of the past in the running mean, per averaging


class TextRun:
    """A text encoder under training, with the running mean of its weights that is what gets used."""

    def __init__(self, place: Workplace, look: str, plan: TextPlan, shape: TextShape, workers: Workers):
        self.data, self.plan, self.shape, self.workers = load_training_set(place, look), plan, shape, workers
        self.tokenizer = load_tokenizer(place.tokenizer)
        self.path, self.steps = place.text_state(look), 0
        torch.manual_seed(0)
        self.model, self.mean = Sketcher(shape), Sketcher(shape).requires_grad_(False)
        self.patches = to_patches(self.data.latents)
        self.model.mean.copy_(self.patches.mean(0))
        self.mean.load_state_dict(self.model.state_dict())
        self.optimiser = _optimiser(self.model, plan)
        self.rng, self.draws = seeds(workers.rank, 0)

    def step(self) -> dict[str, float]:
        """One batch of captions; returns the figures for the log."""
        chosen = self.data.draw(self.plan.batch, self.draws)
        ids = encode(self.tokenizer, captions(self.data, chosen, self.rng))
        error, loss = self.model.loss(ids, self.patches[chosen])
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

    def train(self, seconds: float, log: Log, save_every: float = 240) -> None:
        clock, saved, share = Clock(seconds), 0.0, 0.0
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


def _optimiser(model: Sketcher, plan: TextPlan) -> Muon:
    """Muon for the matrices inside the layers, Adam for embeddings, heads, norms and biases."""
    inside = [p for n, p in model.named_parameters() if p.ndim == 2 and ".layers." in n]
    known = {id(p) for p in inside}
    others = [p for p in model.parameters() if id(p) not in known]
    return Muon(inside, others, plan.lr, plan.adam_lr)
