"""What to draw, as plain frozen data that any process can build and compare."""

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from . import limits
from .errors import InvalidSpec
from .limits import (  # noqa: F401  the limits are part of the contract
    GUIDANCE,
    LORA_WEIGHT,
    MAX_PICTURES,
    MAX_SEED,
    MAX_STEPS,
    SIDE,
)
from .prompts.scripts import split
from .refs import CheckpointRef, ControlRef, EmbeddingRef, FileRef, LoraRef
from .samplers import get_sampler

if TYPE_CHECKING:
    from PIL.Image import Image

DEFAULT_UPSCALER = "realesr-animevideov3-x4"
Task = Literal["txt2img", "img2img", "inpaint", "outpaint", "upscale"]
TASKS = get_args(Task)


@dataclass(frozen=True)
class RenderSpec:
    """One request: the same words drawn once per seed. Sizes in pixels. Raises InvalidSpec, UnknownSampler.

    `source` is cut and resized to width x height (outpaint and upscale take it as it is); `strength` is how much
    of it may change, from 0 to 1. `mask` is white where the source is drawn anew; `mask_blur` is how far its edge
    is softened. `outpaint` is how far the picture grows at (left, top, right, bottom). `control_image` is what
    `control` reads, already preprocessed. `clip_skip`: 1 reads the last layer of the text encoder, 2 the one before.
    `checkpoint` may be None for the task "upscale" alone.
    """

    checkpoint: CheckpointRef | None
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
    task: Task = "txt2img"
    # Pictures can be compared but not hashed.
    source: "Image | None" = field(default=None, hash=False)
    mask: "Image | None" = field(default=None, hash=False)
    strength: float = 0.6
    outpaint: tuple[int, int, int, int] = (0, 0, 0, 0)
    mask_blur: int = 8
    vae: FileRef | None = None
    embeddings: tuple[EmbeddingRef, ...] = ()
    control: ControlRef | None = None
    control_image: "Image | None" = field(default=None, hash=False)
    clip_skip: int = 1

    def __post_init__(self):
        get_sampler(self.sampler)
        limits.choice("task", self.task, TASKS)
        limits.choice("upscale", self.upscale, (1, 4))
        limits.whole("steps", self.steps, 1, limits.MAX_STEPS)
        limits.whole("preview_every", self.preview_every, 0, limits.MAX_STEPS)
        limits.whole("clip_skip", self.clip_skip, 1, limits.MAX_CLIP_SKIP)
        limits.side("width", self.width)
        limits.side("height", self.height)
        limits.number("guidance", self.guidance, *limits.GUIDANCE)
        limits.seeds(self.seeds)
        limits.joined(split(self.prompt))
        self._check_resources()
        self._check_task()

    def _check_resources(self):
        for lora in self.loras:
            limits.number("lora weight", lora.weight, *limits.LORA_WEIGHT)
        limits.tokens(self.embeddings)
        if self.control is not None:
            limits.number("control weight", self.control.weight, *limits.CONTROL_WEIGHT)
            if self.control_image is None:
                raise InvalidSpec(field="control_image", problem="give the picture that guides the drawing.")

    def _check_task(self):
        limits.number("strength", self.strength, 0, 1)
        limits.whole("mask_blur", self.mask_blur, 0, limits.MAX_MASK_BLUR)
        if self.checkpoint is None and self.task != "upscale":
            raise InvalidSpec(field="checkpoint", problem="choose a model to draw with.")
        if self.source is None and self.task != "txt2img":
            raise InvalidSpec(field="source", problem="give the picture to start from.")
        if self.task == "outpaint":
            limits.outpaint(self.outpaint, self.source)
        if self.task == "inpaint" and (self.mask is None or not self.mask.convert("L").getbbox()):
            raise InvalidSpec(field="mask", problem="paint white what should be drawn anew.")

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) at which the picture is drawn, before any upscaling."""
        if self.source is None or self.task not in ("outpaint", "upscale"):
            return self.width, self.height
        return limits.grown(self.source.size, self.outpaint) if self.task == "outpaint" else self.source.size

    @property
    def steps_run(self):
        """Steps that are really run: with a source, drawing begins part of the way, as far as `strength` says."""
        if self.task not in ("img2img", "inpaint"):
            return 0 if self.task == "upscale" else self.steps
        # The pipelines' own rounding; at least one step is run.
        return max(1, min(int(self.steps * self.strength), self.steps))


def batch_key(spec):
    """Specs with the same key can be drawn in one call: they differ in words, seeds, pictures and mask alone."""
    shared = (
        spec.task, spec.checkpoint and spec.checkpoint.key, spec.loras, spec.embeddings, spec.vae, spec.control,
        spec.size, spec.steps, spec.steps_run, spec.sampler, float(spec.guidance), spec.clip_skip,
    )  # fmt: skip
    # Enlarging alone is done picture by picture; the source makes the key its own.
    own = spec.source.tobytes() if spec.task == "upscale" else b""
    return hashlib.sha256(repr(shared).encode() + own).hexdigest()
