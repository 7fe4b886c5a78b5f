"""Teaches the text encoder to sketch: its last 64 positions must predict the picture they stand for.

A CLIP text model reads 88 tokens. The first 24 hold the caption; the 64 after them are padding, one for each 2x2
patch of the 16x16 latent. A linear head, thrown away afterwards, reads the patch off each of them, so the UNet only
has to look up the right position and refine it. A caption costs a fraction of what a UNet step costs, and this is
where the model's memory of what things look like lives.
"""

import math
from dataclasses import dataclass

import torch
from torch import nn

from generation.training.tokenizer import DRAFT_TOKENS, LENGTH, TEXT_TOKENS

GRID = math.isqrt(DRAFT_TOKENS)  # draft positions a side
CELL = 16 // GRID  # latent pixels a side under one draft position
PATCH = 4 * CELL**2  # numbers in a patch of 4 channels


@dataclass(frozen=True)
class TextShape:
    """Size of the text encoder; `hidden` is also the UNet's cross-attention width."""

    vocabulary: int = 8192
    hidden: int = 256
    layers: int = 3
    heads: int = 4
    inner: int = 1024
    activation: str = "quick_gelu"


class Sketcher(nn.Module):
    """The text encoder with its throw-away head: token ids in, latent patches out."""

    def __init__(self, shape: TextShape):
        super().__init__()
        self.encoder = new_text_encoder(shape)
        self.head = nn.Linear(shape.hidden, PATCH)
        # Fixed marks of row and column, so that a position can be found by where it is.
        self.place = nn.Linear(shape.hidden, 2 * GRID)
        self.register_buffer("mean", torch.zeros(DRAFT_TOKENS, PATCH))

    def forward(self, ids, places=None):
        """Patches and places of the draft positions, all of them or the chosen `places` (0..63, rising)."""
        places = torch.arange(DRAFT_TOKENS) if places is None else places
        kept = torch.cat([torch.arange(TEXT_TOKENS), TEXT_TOKENS + places])
        with torch.autocast("cpu", torch.bfloat16):
            states = self.encoder(ids[:, kept], position_ids=kept[None]).last_hidden_state[:, TEXT_TOKENS:]
        states = states.float()
        return self.head(states), self.place(states)

    @torch.no_grad()
    def sketch(self, ids):
        """Latents (N, 4, 16, 16) drawn by the text encoder alone."""
        return from_patches(self(ids)[0] + self.mean)

    def loss(self, ids, patches, asked: int = DRAFT_TOKENS):
        """Mean squared error of the sketch at `asked` random positions, and with it the loss to minimise.

        Leaving positions out makes a step cheaper and costs little: every position reads the caption for itself.
        Positions a long caption runs over are not judged.
        """
        places = torch.randperm(DRAFT_TOKENS)[:asked].sort().values
        drawn, placed = self(ids, places)
        free = (ids[:, TEXT_TOKENS + places] == self.encoder.config.eos_token_id).unsqueeze(-1).float()
        error = ((drawn - (patches - self.mean)[:, places]).square() * free).mean()
        return error, error + 0.05 * (placed - place_marks()[places]).square().mean()


def new_text_encoder(shape: TextShape):
    """A CLIPTextModel whose draft positions start out spread over a grid."""
    from transformers import CLIPTextConfig, CLIPTextModel

    config = CLIPTextConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        max_position_embeddings=LENGTH,
        projection_dim=shape.hidden,
        bos_token_id=shape.vocabulary - 2,
        eos_token_id=shape.vocabulary - 1,
        pad_token_id=shape.vocabulary - 1,
        hidden_act=shape.activation,
    )
    encoder = CLIPTextModel(config)
    with torch.no_grad():
        encoder.embeddings.position_embedding.weight[TEXT_TOKENS:] += 0.1 * _waves(shape.hidden)
    return encoder


def to_patches(latents):
    """(N, 4, 16, 16) -> (N, 64, 16), row by row."""
    return latents.view(-1, 4, GRID, CELL, GRID, CELL).permute(0, 2, 4, 1, 3, 5).reshape(-1, DRAFT_TOKENS, PATCH)


def from_patches(patches):
    """The inverse of to_patches."""
    return (
        patches.view(-1, GRID, GRID, 4, CELL, CELL).permute(0, 3, 1, 4, 2, 5).reshape(-1, 4, GRID * CELL, GRID * CELL)
    )


def place_marks():
    """(64, 16): one-hot row and one-hot column of every draft position."""
    eye = torch.eye(GRID)
    return torch.cat([eye.repeat_interleave(GRID, 0), eye.repeat(GRID, 1)], 1)


def _waves(width: int):
    """Sines and cosines of row and column, (64, width)."""
    steps = torch.arange(GRID).float()
    rates = 2.0 ** torch.linspace(-3, 1.5, width // 4)
    angles = steps[:, None] * rates
    table = torch.cat([angles.sin(), angles.cos()], 1)
    return torch.cat([table.repeat_interleave(GRID, 0), table.repeat(GRID, 1)], 1)
