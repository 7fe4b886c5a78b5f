"""Which values a RenderSpec may hold, and the sentences that say so."""

import math

from .errors import InvalidSpec

MAX_PICTURES = 16
MAX_STEPS = 150
MAX_SEED = 2**63 - 1
SIDE = range(64, 2049)  # pixels
GUIDANCE = (0.0, 30.0)
LORA_WEIGHT = (-4.0, 4.0)
CONTROL_WEIGHT = (0.0, 2.0)
MAX_MASK_BLUR = 64  # pixels
MAX_OUTPAINT = 1024  # pixels on one side
MOST_JOINED = 8  # prompts that AND joins
MAX_CLIP_SKIP = 12  # layers of the smallest published text encoder


def whole(field, value, low, high):
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InvalidSpec(field=field, problem=f"give a whole number from {low} to {high}.")


def number(field, value, low, high):
    if not isinstance(value, int | float) or not math.isfinite(value) or not low <= value <= high:
        raise InvalidSpec(field=field, problem=f"give a number from {low:g} to {high:g}.")


def choice(field, value, known):
    if value not in known:
        raise InvalidSpec(field=field, problem=f"choose one of {', '.join(map(str, known))}.")


def side(field, value):
    whole(field, value, SIDE.start, SIDE.stop - 1)
    # The VAEs shrink by 8; a latent has no half pixels.
    if value % 8:
        raise InvalidSpec(field=field, problem=f"give a multiple of 8, such as {value // 8 * 8}.")


def seeds(values):
    if not 1 <= len(values) <= MAX_PICTURES:
        raise InvalidSpec(field="seeds", problem=f"give 1 to {MAX_PICTURES} seeds.")
    for value in values:
        whole("seed", value, 0, MAX_SEED)


def tokens(embeddings):
    """Every textual inversion has a word of its own."""
    words = [embedding.token.lower() for embedding in embeddings]
    if any(not word or word.split() != [word] for word in words):
        raise InvalidSpec(field="embeddings", problem="give each a token of one word.")
    if len(set(words)) < len(words):
        raise InvalidSpec(field="embeddings", problem="two have the same token; keep one of them.")


def joined(prompts):
    """Each prompt that AND joins costs a call of the network at every step."""
    if len(prompts) > MOST_JOINED:
        raise InvalidSpec(field="prompt", problem=f"join at most {MOST_JOINED} prompts with AND.")


def outpaint(sides, source):
    """Four sides of which at least one grows, and a picture that is not too large afterwards."""
    if len(sides) != 4:
        raise InvalidSpec(field="outpaint", problem="give pixels for left, top, right and bottom.")
    for pixels in sides:
        whole("outpaint", pixels, 0, MAX_OUTPAINT)
    if not any(sides):
        raise InvalidSpec(field="outpaint", problem="say on which side the picture should grow.")
    width, height = grown(source.size, sides)
    if max(width, height) not in SIDE or min(width, height) not in SIDE:
        limits = f"{SIDE.start} to {SIDE.stop - 1}"
        raise InvalidSpec(
            field="outpaint", problem=f"the picture would be {width} x {height} pixels; each side must be {limits}."
        )


def grown(size, sides):
    """(width, height) of a picture of `size` that grows by (left, top, right, bottom), up to a multiple of 8."""
    left, top, right, bottom = sides
    width, height = size[0] + left + right, size[1] + top + bottom
    return -(-width // 8) * 8, -(-height // 8) * 8
