"""What every training loop shares: time budget, learning-rate curve, log, and states saved whole or not at all."""

import json
import os
import random
import time
from pathlib import Path

import numpy as np
import torch


class Clock:
    """Tells how much of a time budget has passed."""

    def __init__(self, seconds: float):
        self.seconds, self.start = seconds, time.monotonic()

    @property
    def passed(self) -> float:
        return time.monotonic() - self.start

    @property
    def share(self) -> float:
        return self.passed / self.seconds


def rate(share: float, steps: int, warm_up: int, hold: float) -> float:
    """Learning-rate factor: a short warm-up, level until `hold` of the budget, then down a straight line to 0.02."""
    falling = 1.0 if share < hold else max(0.02, (1 - share) / (1 - hold))
    return min(1.0, (steps + 1) / warm_up) * falling


def set_rate(optimiser, factor: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = group["base"] * factor


class Log:
    """Means of the figures since the last line, printed and appended to a .jsonl file."""

    def __init__(self, path: Path, quiet: bool):
        self.path, self.quiet, self.rows = path, quiet, []

    def add(self, **figures: float) -> None:
        self.rows.append(figures)

    def line(self, **fixed) -> None:
        if self.rows and not self.quiet:
            means = {key: round(float(np.mean([row[key] for row in self.rows])), 5) for key in self.rows[0]}
            entry = {"at": time.strftime("%H:%M:%S"), "cpu": round(time.process_time()), **fixed, **means}
            print(json.dumps(entry), flush=True)
            with self.path.open("a") as file:
                file.write(json.dumps(entry) + "\n")
        self.rows = []


def save_whole(state: dict, path: Path) -> None:
    """Write beside and rename, so that a kill leaves the old state or the new one."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


def load_state(path: Path) -> dict:
    return torch.load(path, weights_only=True)


def random_states(rng: random.Random, draws: np.random.Generator) -> dict:
    """All the randomness of a loop, for an exact continuation."""
    return {
        "torch": torch.get_rng_state(),
        "python": json.dumps(rng.getstate()),
        "numpy": json.dumps(draws.bit_generator.state),
    }


def restore_random(states: dict, rng: random.Random, draws: np.random.Generator) -> None:
    torch.set_rng_state(states["torch"])
    version, inner, gauss = json.loads(states["python"])
    rng.setstate((version, tuple(inner), gauss))
    draws.bit_generator.state = json.loads(states["numpy"])


def seeds(rank: int, steps: int) -> tuple[random.Random, np.random.Generator]:
    """Fresh randomness for one worker at one point of a run; also seeds torch."""
    seed = 1_000_003 * (rank + 1) + steps
    torch.manual_seed(seed)
    return random.Random(seed), np.random.default_rng(seed)
