"""What to draw, as plain frozen data that any process can build and compare."""

import math
from dataclasses import dataclass
from typing import Literal

from .errors import InvalidSpec
from .samplers import get_sampler

MAX_PICTURES = 16
MAX_STEPS = 150
MAX_SEED = 2**63 - 1
SIDE = range(64, 2049)  # pixels
GUIDANCE = (0.0, 30.0)
LORA_WEIGHT = (-4.0, 4.0)
DEFAULT_UPSCALER = "realesr-animevideov3-x4"


@dataclass(frozen=True)
class CheckpointRef:
    """A checkpoint on disk. `key` is its identity (SHA-256 over the version's files).

    `path` is a diffusers folder or a single .safetensors file; `files` are (path inside the folder,
    or name of the single file; SHA-256), each verified the first time a process loads it.
    """

    key: str
    path: str
    layout: Literal["diffusers", "single"]
    family: str
    files: tuple[tuple[str, str], ...] = ()
    name: str = ""

    def __str__(self):
        return self.name or self.key[:12]


@dataclass(frozen=True)
class LoraRef:
    """A LoRA file and how strongly it acts (1 as trained, 0 not at all)."""

    key: str
    path: str
    weight: float = 1.0
    sha256: str = ""
    name: str = ""

    def __str__(self):
        return self.name or self.key[:12]


@dataclass(frozen=True)
class RenderSpec:
    """One request: the same words drawn once per seed. Sizes in pixels. Raises InvalidSpec, UnknownSampler."""

    checkpoint: CheckpointRef
    prompt: str
    seeds: tuple[int, ...]
    negative_prompt: str = ""
    steps: int = 20
    guidance: float = 3.0
    sampler: str = "dpmpp_2m"
    width: int = 128
    height: int = 128
    loras: tuple[LoraRef, ...] = ()
    upscale: int = 1
    preview_every: int = 4
    upscaler: str = DEFAULT_UPSCALER

    def __post_init__(self):
        get_sampler(self.sampler)
        _check_whole("steps", self.steps, 1, MAX_STEPS)
        _check_whole("preview_every", self.preview_every, 0, MAX_STEPS)
        for side in ("width", "height"):
            _check_side(side, getattr(self, side))
        _check_number("guidance", self.guidance, *GUIDANCE)
        _check_seeds(self.seeds)
        for lora in self.loras:
            _check_number("lora weight", lora.weight, *LORA_WEIGHT)
        if self.upscale not in (1, 4):
            raise InvalidSpec(field="upscale", problem="choose 1 or 4.")


def _check_whole(field, value, low, high):
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InvalidSpec(field=field, problem=f"give a whole number from {low} to {high}.")


def _check_number(field, value, low, high):
    if not isinstance(value, int | float) or not math.isfinite(value) or not low <= value <= high:
        raise InvalidSpec(field=field, problem=f"give a number from {low:g} to {high:g}.")


def _check_side(field, value):
    _check_whole(field, value, SIDE.start, SIDE.stop - 1)
    # The VAEs shrink by 8; a latent has no half pixels.
    if value % 8:
        raise InvalidSpec(field=field, problem=f"give a multiple of 8, such as {value // 8 * 8}.")


def _check_seeds(seeds):
    if not 1 <= len(seeds) <= MAX_PICTURES:
        raise InvalidSpec(field="seeds", problem=f"give 1 to {MAX_PICTURES} seeds.")
    for seed in seeds:
        _check_whole("seed", seed, 0, MAX_SEED)
