"""What a job may ask for. Forms and serializers show these limits; `check` is what holds."""

import math

from django.utils.translation import gettext as _

from generation.engine.samplers import SAMPLERS
from visionary.common.exceptions import DomainError

MAX_PROMPT = 2000  # characters
STEPS = (1, 60)
GUIDANCE = (0.0, 30.0)
SIDE = (64, 1024)  # pixels, multiples of 8: a latent has no half pixels
MAX_COUNT = 8
MAX_LORAS = 4
MAX_EMBEDDINGS = 8
LORA_WEIGHT = (-2.0, 2.0)
CONTROL_WEIGHT = (0.0, 2.0)
STRENGTH = (0.05, 1.0)  # the share of the way from the source to a wholly new picture
MASK_BLUR = (0, 64)  # pixels
OUTPAINT = (0, 512)  # pixels on each side, multiples of 8
CLIP_SKIP = (1, 4)
PREPROCESSORS = ("none", "edges", "soft_edges", "pose")
MAX_CELLS = 64
MAX_SEED = 2**32 - 1
UPSCALES = (1, 4)
# Beyond about twice what a family was trained on, pictures repeat themselves, and memory runs out.
MAX_PIXELS = {"starter": 192 * 192, "sd1": 768 * 768, "sd2": 1024 * 1024, "sdxl": 1024 * 1024}
# What a source is shrunk to where that is less than MAX_PIXELS: the starter learned on 128 px and is best there.
FIT_PIXELS = {"starter": 128 * 128}
# Four times the side is 4096 then; beyond that an enlargement takes minutes and gigabytes.
MAX_ENLARGED = 1024 * 1024


class BadValue(DomainError):
    """A field of the form is outside what can be drawn."""

    code = "bad_value"


def check(settings, family):
    """Raise BadValue for the first field of `settings` that cannot be drawn by a model of `family`."""
    check_words(settings["prompt"], settings["negative_prompt"])
    check_whole("steps", settings["steps"], *STEPS)
    check_number("guidance", settings["guidance"], *GUIDANCE)
    check_size(settings["width"], settings["height"], family)
    check_whole("seed", settings["seed"], 0, MAX_SEED)
    check_whole("count", settings["count"], 1, MAX_COUNT)
    if settings["sampler"] not in SAMPLERS:
        raise BadValue(_("Sampler: choose one of the list."), field="sampler")
    if settings["upscale"] not in UPSCALES:
        raise BadValue(_("Enlargement: choose 1 or 4."), field="upscale")
    check_whole("clip_skip", settings.get("clip_skip", 1), *CLIP_SKIP)
    check_whole("mask_blur", settings.get("mask_blur", 0), *MASK_BLUR)
    check_number("control_weight", settings.get("control_weight", 1.0), *CONTROL_WEIGHT)
    if settings.get("strength") is not None:
        check_strength(settings["strength"], settings["steps"])


def check_words(prompt, negative_prompt):
    """Raise BadValue for a prompt that is empty or cannot be kept."""
    check_text("prompt", prompt)
    check_text("negative_prompt", negative_prompt)
    if not prompt.strip():
        raise BadValue(_("Prompt: type what you would like to see."), field="prompt", code="required")


def check_strength(strength, steps):
    """Of `steps`, only the share `strength` is drawn: at least one must be left."""
    check_number("strength", strength, *STRENGTH)
    if int(steps * strength) < 1:
        message = _("Strength: with %(steps)d steps give at least %(least).2f, or ask for more steps.")
        least = math.ceil(100 / steps) / 100
        raise BadValue(message % {"steps": steps, "least": least}, field="strength")


def check_text(field, text):
    label = labels()[field]
    if "\x00" in text:
        raise BadValue(_("%(field)s: remove the null character.") % {"field": label}, field=field)
    if len(text) > MAX_PROMPT:
        message = _("%(field)s: use at most %(most)d characters; these are %(now)d.")
        raise BadValue(message % {"field": label, "most": MAX_PROMPT, "now": len(text)}, field=field)


def check_whole(field, value, low, high):
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        message = _("%(field)s: give a whole number from %(low)d to %(high)d.")
        raise BadValue(message % {"field": labels()[field], "low": low, "high": high}, field=field)


def check_number(field, value, low, high):
    if not isinstance(value, int | float) or not math.isfinite(value) or not low <= value <= high:
        message = _("%(field)s: give a number from %(low)g to %(high)g.")
        raise BadValue(message % {"field": labels()[field], "low": low, "high": high}, field=field)


def check_size(width, height, family):
    for field, value in (("width", width), ("height", height)):
        check_eights(field, value, *SIDE)
    most = MAX_PIXELS.get(family, max(MAX_PIXELS.values()))
    if width * height > most:
        message = _("Width and height: this model draws at most %(most)d pixels in all, such as %(side)d × %(side)d.")
        raise BadValue(message % {"most": most, "side": math.isqrt(most) // 8 * 8}, field="width")


def check_eights(field, value, low, high):
    """A latent has no half pixels: sides are multiples of 8."""
    check_whole(field, value, low, high)
    if value % 8:
        message = _("%(field)s: give a multiple of 8, such as %(example)d.")
        raise BadValue(message % {"field": labels()[field], "example": max(low, value // 8 * 8)}, field=field)


def labels():
    """What the fields are called on the page."""
    return {
        "prompt": _("Prompt"),
        "negative_prompt": _("Negative prompt"),
        "steps": _("Steps"),
        "guidance": _("Guidance"),
        "width": _("Width"),
        "height": _("Height"),
        "seed": _("Seed"),
        "count": _("Number of pictures"),
        "weight": _("LoRA weight"),
        "strength": _("Strength"),
        "mask_blur": _("Mask blur"),
        "control_weight": _("ControlNet weight"),
        "clip_skip": _("Clip skip"),
        "outpaint_left": _("Left"),
        "outpaint_right": _("Right"),
        "outpaint_top": _("Top"),
        "outpaint_bottom": _("Bottom"),
    }
