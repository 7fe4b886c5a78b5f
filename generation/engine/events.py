"""What the engine tells while it works."""

from dataclasses import dataclass
from typing import Literal

Stage = Literal["loading", "denoising", "decoding", "upscaling"]


@dataclass(frozen=True)
class Event:
    """One sign of life; step counts from 0 to `steps` within its stage.

    `index` is the first picture of the batch this is about (denoising draws several at once).
    `pictures` is how many of this member's that batch holds.
    `preview` is a small WebP of that batch's pictures side by side, in order.
    """

    stage: Stage
    step: int
    steps: int
    index: int = 0
    preview: bytes | None = None
    pictures: int = 1
