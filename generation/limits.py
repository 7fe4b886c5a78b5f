"""What a job may ask for. Forms and serializers show these limits; `check` is what holds."""

import math

from django.utils.translation import gettext as _

from generation.engine.samplers import SAMPLERS
from visionary.common.exceptions import DomainError

MAX_PROMPT = 2000  # characters
STEPS = (1, 60)
GUIDANCE = (0.0, 30.0)
SIDE = (64, 1024)  # pixels, multiples of 8: a latent has no half pixels
MAX_COUNT = 4
MAX_LORAS = 4
LORA_WEIGHT = (-2.0, 2.0)
MAX_SEED = 2**32 - 1
UPSCALES = (1, 4)
# Beyond about twice what a family was trained on, pictures repeat themselves, and memory runs out.
MAX_PIXELS = {"starter": 192 * 192, "sd1": 768 * 768, "sd2": 1024 * 1024, "sdxl": 1024 * 1024}


class BadValue(DomainError):
    """A field of the form is outside what can be drawn."""

    code = "bad_value"


def check(settings, family):
    """Raise BadValue for the first field of `settings` that cannot be drawn by a model of `family`."""
    check_text("prompt", settings["prompt"])
    check_text("negative_prompt", settings["negative_prompt"])
    if not settings["prompt"].strip():
        raise BadValue(_("Prompt: type what you would like to see."), field="prompt", code="required")
    check_whole("steps", settings["steps"], *STEPS)
    check_number("guidance", settings["guidance"], *GUIDANCE)
    check_size(settings["width"], settings["height"], family)
    check_whole("seed", settings["seed"], 0, MAX_SEED)
    check_whole("count", settings["count"], 1, MAX_COUNT)
    if settings["sampler"] not in SAMPLERS:
        raise BadValue(_("Sampler: choose one of the list."), field="sampler")
    if settings["upscale"] not in UPSCALES:
        raise BadValue(_("Enlargement: choose 1 or 4."), field="upscale")


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
        check_whole(field, value, *SIDE)
        if value % 8:
            message = _("%(field)s: give a multiple of 8, such as %(example)d.")
            example = max(SIDE[0], value // 8 * 8)
            raise BadValue(message % {"field": labels()[field], "example": example}, field=field)
    most = MAX_PIXELS.get(family, max(MAX_PIXELS.values()))
    if width * height > most:
        message = _("Width and height: this model draws at most %(most)d pixels in all, such as %(side)d × %(side)d.")
        raise BadValue(message % {"most": most, "side": math.isqrt(most) // 8 * 8}, field="width")


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
    }
