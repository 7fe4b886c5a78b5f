"""Does the picture show what was asked? The nearest training picture should be the captioned one."""

import json
import random
from pathlib import Path

import numpy as np
import torch

from generation.training.captions import STYLES
from generation.training.concepts import Concept, load_concepts
from generation.training.pictures import load_look
from generation.training.pipeline import load_pipeline
from generation.training.places import Workplace
from generation.training.sheet import draw


def measure(place: Workplace, look: str, pipeline: Path, count: int = 200, steps: int = 8) -> dict:
    """Top-1 and top-5 shares over `count` concepts, half asked for in English, half in Chinese.

    Distances are between pictures averaged to 16x16 and 32x32 pixels. Rewards colour and layout, not detail.
    """
    concepts, (indices, pictures) = load_concepts(place.concepts), load_look(place, look)
    rows = random.Random(42).sample(range(len(indices)), min(count, len(indices)))
    prompts = [question(concepts[indices[row]], look, chinese=bool(k % 2)) for k, row in enumerate(rows)]
    drawn = _tensor(np.stack([np.asarray(p) for p in draw(load_pipeline(pipeline), prompts, steps, seed=1000)]) / 255)
    known = _tensor(_on_white(pictures))
    return {"count": len(rows), "steps": steps} | {
        f"pixels{side}": _shares(_small(drawn, side), _small(known, side), rows) for side in (16, 32)
    }


def question(concept: Concept, look: str, chinese: bool) -> str:
    """The plainest way to ask for a concept."""
    if chinese and concept.zh:
        return f"{concept.zh[0]}，{STYLES[look][1][0]}"
    return f"{concept.en[0]}, {STYLES[look][0][0]}"


def save_figures(figures: dict, path: Path) -> None:
    path.write_text(json.dumps(figures, indent=1) + "\n")


def _shares(drawn, known, rows: list[int]) -> dict[str, float]:
    order = torch.cdist(drawn, known).argsort(1)
    ranks = (order == torch.tensor(rows)[:, None]).float().argmax(1)
    english = torch.arange(len(rows)) % 2 == 0
    groups = {"all": slice(None), "en": english, "zh": ~english}
    return {
        f"{name}_top{best}": round((ranks[group] < best).float().mean().item(), 3)
        for name, group in groups.items()
        for best in (1, 5)
    }


def _on_white(pictures: np.ndarray) -> np.ndarray:
    pixels = pictures.astype(np.float32) / 255
    return pixels[..., :3] + 1 - pixels[..., 3:]


def _tensor(pixels: np.ndarray):
    return torch.from_numpy(pixels.astype(np.float32)).permute(0, 3, 1, 2)


def _small(pictures, side: int):
    return torch.nn.functional.adaptive_avg_pool2d(pictures, side).flatten(1)
