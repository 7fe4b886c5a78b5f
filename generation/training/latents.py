"""Encodes every training picture once, so that training never runs the VAE."""

import random
from dataclasses import dataclass

import numpy as np

from generation.training.captions import Item
from generation.training.colours import (
    BACKGROUNDS,
    HELD_OUT,
    HUES,
    NEAR,
    apart,
    dominant_hue,
    nearest_colour,
    on_background,
    recolour,
)
from generation.training.concepts import Concept, load_concepts
from generation.training.pictures import load_look
from generation.training.places import Workplace

BACKGROUNDS_EACH, COLOURS_EACH = 3, 4
# Share of the training pictures of each kind: mostly canonical ones, enough variants to obey colour words.
SHARES = {"plain": 0.70, "colour": 0.17, "background": 0.13}


@dataclass
class TrainingSet:
    """Latents (N, 4, 16, 16), the item behind each, its sampling weight, and the concepts."""

    look: str
    latents: "object"
    items: list[Item]
    weights: np.ndarray
    concepts: list[Concept]

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        return rng.choice(len(self.items), count, p=self.weights)


def list_items(concepts: list[Concept], indices, hues: list[int | None], rng: random.Random) -> list[Item]:
    """Every picture to train on; `hues` holds each picture's dominant hue or None."""
    items = []
    for index, hue in zip(indices, hues, strict=True):
        concept = concepts[index]
        hue = hue if concept.recolourable else None
        items.append(Item(index, "plain", nearest_colour(hue) if hue is not None else None))
        items += [Item(index, "background", name) for name in rng.sample(list(BACKGROUNDS), BACKGROUNDS_EACH)]
        if hue is not None:
            names = [n for n in HUES if abs(apart(HUES[n][0], hue)) > NEAR and (concept.label, n) not in HELD_OUT]
            items += [Item(index, "colour", name) for name in rng.sample(names, min(COLOURS_EACH, len(names)))]
    return items


def draw_item(picture: np.ndarray, item: Item, hue: int | None) -> np.ndarray:
    """The RGB picture (128, 128, 3) 0..1 of an item, from its premultiplied RGBA uint8 original."""
    pixels = picture.astype(np.float32) / 255
    if item.kind == "colour" and item.colour and hue is not None:
        return on_background(recolour(pixels, hue, item.colour))
    return on_background(pixels, BACKGROUNDS[item.colour][0] if item.kind == "background" and item.colour else None)


def encode_look(place: Workplace, look: str) -> None:
    """Write latents-<look>.pt. Takes a minute or two on one core."""
    import torch

    concepts = load_concepts(place.concepts)
    indices, pictures = load_look(place, look)
    hues = [dominant_hue(picture.astype(np.float32) / 255) for picture in pictures]
    items = list_items(concepts, [int(i) for i in indices], hues, random.Random(5))
    row = {int(index): position for position, index in enumerate(indices)}
    drawn = (draw_item(pictures[row[i.concept]], i, hues[row[i.concept]]) for i in items)
    torch.save(
        {"latents": encode_pictures(place, drawn), "items": [(i.concept, i.kind, i.colour) for i in items]},
        place.latents(look),
    )


def encode_pictures(place: Workplace, pictures, batch: int = 16):
    """Latents (N, 4, 16, 16) float16 of RGB pictures 0..1."""
    import torch
    from diffusers import AutoencoderKL

    vae = AutoencoderKL.from_pretrained(place.vae, torch_dtype=torch.float32).eval()
    vae.to(memory_format=torch.channels_last)
    pictures, latents = iter(pictures), []
    while chunk := [picture for _, picture in zip(range(batch), pictures, strict=False)]:
        latents.append(encode_batch(vae, chunk).half())
    return torch.cat(latents)


def encode_batch(vae, pictures: list[np.ndarray]):
    """Latents (B, 4, 16, 16) float32 of a few RGB pictures 0..1."""
    import torch

    x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        mean = vae.encode(x * 2 - 1).latent_dist.mean
    return mean.float() * vae.config.scaling_factor


def load_training_set(place: Workplace, look: str) -> TrainingSet:
    import torch

    data = torch.load(place.latents(look), weights_only=True)
    concepts = load_concepts(place.concepts)
    items = [Item(*entry) for entry in data["items"]]
    return TrainingSet(look, data["latents"].float(), items, sampling_weights(items, concepts), concepts)


def sampling_weights(items: list[Item], concepts: list[Concept]) -> np.ndarray:
    """Probabilities: each kind gets its share, each concept its weight within the kind."""
    weights = np.array([concepts[item.concept].weight for item in items])
    kinds = np.array([item.kind for item in items])
    for kind, share in SHARES.items():
        chosen = kinds == kind
        if chosen.any():
            weights[chosen] *= share / weights[chosen].sum()
    return weights / weights.sum()
