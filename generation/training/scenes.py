"""Training pictures with their lines: things as they are, and moved about, made while the training goes on.

A checkpoint that draws each thing in one pose leaves a ControlNet nothing to learn from unmoved pictures: the words
say already where every line is. So most pictures are mirrored, turned, made smaller and pushed aside.
"""

import math
import random
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from generation.engine.preprocess import EDGES, preprocess
from generation.training.captions import Item
from generation.training.colours import dominant_hue
from generation.training.latents import TrainingSet, draw_item, encode_batch
from generation.training.pictures import load_look
from generation.training.places import SIZE, Workplace
from generation.training.text_training import captions
from generation.training.tokenizer import encode

STILL = 0.25  # share of pictures that stay as they are
SMALLEST, LARGEST = 0.6, 1.05
TURN = 25  # degrees either way
ASIDE = 0.18  # of the side, either way


class Scenes:
    """The pictures of a look, drawn as training items ask, moved or still."""

    def __init__(self, place: Workplace, look: str):
        indices, self.pictures = load_look(place, look)
        self.row = {int(index): row for row, index in enumerate(indices)}
        self.hues = [dominant_hue(picture.astype(np.float32) / 255) for picture in self.pictures]

    def draw(self, item: Item, rng: random.Random, still: float = STILL) -> np.ndarray:
        """RGB (128, 128, 3) 0..1 of an item; `still` is how likely it stays where it is."""
        row = self.row[item.concept]
        picture = self.pictures[row] if rng.random() < still else moved(self.pictures[row], rng)
        return draw_item(picture, item, self.hues[row])


def moved(picture: np.ndarray, rng: random.Random) -> np.ndarray:
    """A premultiplied RGBA picture (128, 128, 4) mirrored, turned, scaled and shifted by chance."""
    angle, size = math.radians(rng.uniform(-TURN, TURN)), rng.uniform(SMALLEST, LARGEST)
    across, down = (SIZE / 2 + rng.uniform(-ASIDE, ASIDE) * SIZE for _ in range(2))
    mirror = rng.choice((1, -1))
    cos, sin = math.cos(angle) / size, math.sin(angle) / size
    # PIL asks where each new pixel comes from: back to the middle, turned back.
    rows = (mirror * cos, mirror * sin), (-sin, cos)
    matrix = [value for a, b in rows for value in (a, b, SIZE / 2 - a * across - b * down)]
    channels = [Image.fromarray(np.ascontiguousarray(picture[..., c])) for c in range(4)]
    way = Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
    return np.stack([np.asarray(channel.transform((SIZE, SIZE), *way)) for channel in channels], -1)


def as_picture(pixels: np.ndarray) -> Image.Image:
    """The PIL picture of RGB 0..1."""
    return Image.fromarray((pixels.clip(0, 1) * 255).round().astype(np.uint8))


def lines_of(pixels: np.ndarray) -> Image.Image:
    """What the site's preprocessor "edges" draws of RGB 0..1."""
    return preprocess(EDGES, as_picture(pixels), None)


@dataclass
class Batch:
    """Latents (B, 4, 16, 16), lines (B, 3, 128, 128) of 0 and 1, text states (B, 88, width)."""

    latents: torch.Tensor
    lines: torch.Tensor
    states: torch.Tensor


class ScenePool:
    """Pictures, lines and captions ready to learn from, each used a few times before a new one takes its place."""

    def __init__(self, scenes: Scenes, data: TrainingSet, pipeline, size: int, rng, draws):
        self.scenes, self.data, self.pipeline = scenes, data, pipeline
        self.rng, self.draws, self.oldest = rng, draws, 0
        self.lines = torch.zeros((size, SIZE, SIZE), dtype=torch.bool)
        self.latents = torch.zeros((size, 4, SIZE // 8, SIZE // 8))
        self.states = torch.zeros((size, *self._read(data.draw(1, draws)).shape[1:]), dtype=torch.bfloat16)
        for start in range(0, size, 32):
            self.refresh(min(32, size - start))

    def refresh(self, count: int) -> None:
        """Replace the `count` oldest pictures."""
        slots = (self.oldest + np.arange(count)) % len(self.lines)
        chosen = self.data.draw(count, self.draws)
        pictures = [self.scenes.draw(self.data.items[index], self.rng) for index in chosen]
        self.latents[slots] = encode_batch(self.pipeline.vae, pictures)
        self.lines[slots] = torch.from_numpy(np.stack([np.asarray(lines_of(one))[..., 0] > 0 for one in pictures]))
        self.states[slots] = self._read(chosen)
        self.oldest = int((self.oldest + count) % len(self.lines))

    def pick(self, count: int) -> Batch:
        slots = self.draws.integers(0, len(self.lines), count)
        lines = self.lines[slots, None].float().expand(-1, 3, -1, -1)
        return Batch(self.latents[slots], lines, self.states[slots].float())

    @torch.no_grad()
    def _read(self, chosen):
        ids = encode(self.pipeline.tokenizer, captions(self.data, chosen, self.rng))
        with torch.autocast("cpu", torch.bfloat16):
            return self.pipeline.text_encoder(ids).last_hidden_state.bfloat16()
