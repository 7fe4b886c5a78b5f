"""How well a ControlNet is followed: a contact sheet for the eye, and the agreement of edges in numbers."""

import random

import numpy as np
import torch
from PIL import Image

from generation.training.captions import Item
from generation.training.scenes import Scenes, lines_of
from generation.training.sheet import contact_sheet

# Things and the colour asked for; their lines are moved in a way that no training picture was.
WATCHED = [
    ("red apple", "blue"), ("cat face", None), ("rocket", None), ("snowman", None),
    ("guitar", None), ("strawberry", None), ("automobile", "green"), ("house", None),
]  # fmt: skip
SETTINGS = {"steps": 12, "guidance": 2.0}
REACH = 2  # pixels an edge may lie beside the one asked for


def steered(pipeline, network):
    """The pipeline with this ControlNet, on the same modules."""
    from diffusers import StableDiffusionControlNetPipeline

    parts = {**pipeline.components, "controlnet": network.eval()}
    made = StableDiffusionControlNetPipeline(**parts, requires_safety_checker=False)
    made.set_progress_bar_config(disable=True)
    return made


def draw(pipeline, prompts: list[str], lines: list[Image.Image] | None, seed: int, weight: float = 1.0, batch: int = 8):
    """One picture a prompt, picture k with the seed `seed` + k; with `lines` the pipeline is a `steered` one."""
    pictures = []
    for start in range(0, len(prompts), batch):
        chunk = slice(start, start + batch)
        guide = {"image": lines[chunk], "controlnet_conditioning_scale": weight} if lines else {}
        dice = [torch.Generator().manual_seed(seed + start + k) for k in range(len(prompts[chunk]))]
        asked = {"num_inference_steps": SETTINGS["steps"], "guidance_scale": SETTINGS["guidance"], "generator": dice}
        pictures += pipeline(prompts[chunk], height=128, width=128, **asked, **guide).images
    return pictures


def watched_sheet(pipeline, network, scenes: Scenes, data, seed: int = 5) -> Image.Image:
    """Three rows: the lines asked for, what is drawn without the ControlNet, and with it."""
    found = [one for one in WATCHED if any(concept.label == one[0] for concept in data.concepts)]
    chosen = found or [(data.concepts[item.concept].label, None) for item in data.items[:8]]
    lines = moved_lines(scenes, data, [label for label, _ in chosen], seed)
    prompts = [f"{colour} {label.split()[-1]}" if colour else label for label, colour in chosen]
    without = draw(pipeline, prompts, None, seed)
    drawn = draw(steered(pipeline, network), prompts, lines, seed)
    labels = [*prompts, *("without" for _ in prompts), *("with" for _ in prompts)]
    return contact_sheet([*lines, *without, *drawn], labels, columns=len(prompts))


def moved_lines(scenes: Scenes, data, labels: list[str], seed: int) -> list[Image.Image]:
    """Lines of things, each where no training picture had it."""
    rng = random.Random(seed)
    places = {concept.label: index for index, concept in enumerate(data.concepts)}
    return [lines_of(scenes.draw(Item(places[label], "plain"), rng, still=0)) for label in labels]


def agreement(asked: Image.Image, drawn: Image.Image) -> float:
    """F1 of a picture's edges against those asked for, each counted as met within REACH pixels."""
    wanted, found = (np.asarray(lines)[..., 0] > 0 for lines in (asked, lines_of(np.asarray(drawn) / 255)))
    if not wanted.any() or not found.any():
        return float(not wanted.any() and not found.any())
    precision, recall = (found & near(wanted)).sum() / found.sum(), (wanted & near(found)).sum() / wanted.sum()
    return float(2 * precision * recall / max(precision + recall, 1e-9))


def near(lines: np.ndarray) -> np.ndarray:
    """Every pixel within REACH of a line."""
    height, width = lines.shape
    padded = np.pad(lines, REACH)
    shifts = range(2 * REACH + 1)
    return np.logical_or.reduce([padded[y : y + height, x : x + width] for y in shifts for x in shifts])


def measure(pipeline, network, scenes: Scenes, data, count: int = 100, seed: int = 11) -> dict[str, float]:
    """Mean agreement over `count` things with moved and with unmoved lines, with the ControlNet and without."""
    rng = random.Random(seed)
    plain = [item for item in data.items if item.kind == "plain"]
    items = rng.sample(plain, min(count, len(plain)))
    prompts = [data.concepts[item.concept].en[0] for item in items]
    guided, figures = steered(pipeline, network), {"things": len(items)}
    without = draw(pipeline, prompts, None, seed)
    for name, still in (("moved", 0.0), ("still", 1.0)):
        lines = [lines_of(scenes.draw(item, rng, still)) for item in items]
        drawn = draw(guided, prompts, lines, seed)
        figures[f"{name}_with"] = round(float(np.mean(list(map(agreement, lines, drawn)))), 3)
        figures[f"{name}_without"] = round(float(np.mean(list(map(agreement, lines, without)))), 3)
    return figures
