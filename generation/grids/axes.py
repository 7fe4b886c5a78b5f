"""The axes of a grid: what can change from cell to cell, and how its values are typed."""

import math
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation import limits
from generation.asking import resources
from generation.engine.samplers import SAMPLERS
from models_hub.models import ModelCard
from visionary.common.exceptions import DomainError
from visionary.common.wording import listed

NAMES = {
    "steps": gettext_lazy("Steps"),
    "guidance": gettext_lazy("Guidance"),
    "sampler": gettext_lazy("Sampler"),
    "seed": gettext_lazy("Seed"),
    "model": gettext_lazy("Model"),
    "lora_weight": gettext_lazy("LoRA weight"),
    "strength": gettext_lazy("Strength"),
    "prompt": gettext_lazy("Words of the prompt"),
}
WHOLE = {"steps", "seed"}
NUMBERS = {"guidance", "lora_weight", "strength"}
MAX_TEXT = 4000  # characters of one axis
MAX_LABEL = 120
# 10-30:10, 0.2-0.8:0.2, 1-4; a step is 1 unless given.
RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*-\s*(-?\d+(?:\.\d+)?)(?:\s*:\s*(\d+(?:\.\d+)?))?")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|([^",，、\n]+)')
LENGTHS = 400  # digits and signs of one number


@dataclass(frozen=True)
class Axis:
    """`values` are what a cell takes: numbers, slugs, or the words that replace `values[0]` in the prompt."""

    name: str
    values: tuple
    labels: tuple

    @property
    def is_none(self):
        return not self.name

    def as_json(self):
        return {"name": self.name, "values": list(self.values), "labels": list(self.labels)} if self.name else {}


NONE = Axis("", (None,), ("",))


def choices():
    return [("", gettext_lazy("None")), *NAMES.items()]


def parse(field, name, text):
    """The Axis of what was typed: "10, 20, 30", "10-30:10", `"a cat", "a dog"`. Raises BadValue at `field`."""
    if not name:
        return NONE
    if name not in NAMES:
        raise limits.BadValue(_("Grid: choose one of the list."), field=f"{field}_axis")
    if len(text or "") > MAX_TEXT or "\x00" in (text or ""):
        message = _("%(field)s: use at most %(most)d characters.") % {"field": NAMES[name], "most": MAX_TEXT}
        raise limits.BadValue(message, field=f"{field}_values")
    try:
        axis = read(name, parts(text or ""))
    except DomainError as error:
        raise limits.BadValue(str(error), field=f"{field}_values", code=error.code) from error
    if len(axis.values) > limits.MAX_CELLS:
        message = _("%(field)s: give at most %(most)d values.") % {"field": NAMES[name], "most": limits.MAX_CELLS}
        raise limits.BadValue(message, field=f"{field}_values")
    return axis


def parts(text):
    """The values as typed, split at commas and line ends outside of quotes."""
    found = []
    for quoted, plain in QUOTED.findall(text):
        if quoted:
            found.append(re.sub(r"\\(.)", r"\1", quoted))
        elif plain.strip():
            found.append(plain.strip())
    return list(dict.fromkeys(found))


def read(name, typed):
    if not typed:
        message = _("%(field)s: give values, such as %(example)s.")
        raise limits.BadValue(message % {"field": NAMES[name], "example": EXAMPLES[name]})
    if name in WHOLE | NUMBERS:
        values = tuple(dict.fromkeys(value for part in typed for value in numbers(name, part)))
        return Axis(name, values, tuple(f"{value:g}" if name in NUMBERS else str(value) for value in values))
    return {"sampler": samplers, "model": models, "prompt": words}[name](typed)


EXAMPLES = {
    "steps": "10, 20, 30",
    "guidance": "3, 5, 7.5",
    "sampler": "Euler, DPM++ 2M",
    "seed": "1-4",
    "model": "starter-3d, starter-flat",
    "lora_weight": "0, 0.5, 1",
    "strength": "0.3-0.9:0.2",
    "prompt": "red, green, blue",
}


def numbers(name, part):
    """The values of "7" or of a range such as "10-30:10". Raises BadValue."""
    if len(part) > LENGTHS:
        raise no_number(name, part[:20])
    try:
        return [number(name, part)]
    except ValueError:
        found = RANGE.fullmatch(part)
    if not found:
        raise no_number(name, part)
    try:
        low, high, step = (number(name, found[place] or "1") for place in (1, 2, 3))
        is_range = step > 0 and high >= low and math.isfinite((high - low) / step)
    except (ValueError, OverflowError):  # such as half steps, or hundreds of digits
        raise no_number(name, part[:40]) from None
    if not is_range:
        message = _("%(field)s: “%(part)s” is no range; write it as %(example)s.")
        raise limits.BadValue(message % {"field": NAMES[name], "part": part, "example": "10-30:10"})
    # A tenth of a step more, so that 0.2-0.8:0.2 holds its end.
    count = min(int((high - low) / step + 0.1), limits.MAX_CELLS) + 1
    return [round(low + step * place, 6) for place in range(count)]


def number(name, text):
    """A number as `name` wants it. Raises ValueError, BadValue for what is none."""
    try:
        if name in WHOLE:
            return int(text)
        value = float(text)
    except OverflowError:
        raise no_number(name, text[:20]) from None
    if not math.isfinite(value):
        raise no_number(name, text)
    return value


def no_number(name, part):
    kind = _("a whole number") if name in WHOLE else _("a number")
    message = _("%(field)s: “%(part)s” is not %(kind)s. Write values such as %(example)s.")
    words = {"field": NAMES[name], "part": part, "kind": kind, "example": EXAMPLES[name]}
    return limits.BadValue(message % words)


def samplers(typed):
    known = {one.slug.lower(): one for one in SAMPLERS.values()}
    known |= {one.label.lower(): one for one in SAMPLERS.values()}
    for part in typed:
        if part.lower() not in known:
            message = _("Sampler: there is no “%(name)s”. Choose among %(known)s.")
            names = listed(one.label for one in SAMPLERS.values())
            raise limits.BadValue(message % {"name": part[:40], "known": names})
    chosen = {known[part.lower()].slug: known[part.lower()] for part in typed}.values()
    return Axis("sampler", tuple(one.slug for one in chosen), tuple(one.label for one in chosen))


def models(typed):
    """By slug, or by the name that the site shows."""
    cards = ModelCard.objects.published().filter(kind=ModelCard.Kind.CHECKPOINT, versions__isnull=False)
    slugs = {}
    for card in cards.order_by("-pk"):
        slugs |= {card.slug.lower(): card.slug, card.name.lower(): card.slug}
        slugs |= {card.name_zh: card.slug} if card.name_zh else {}
    chosen = [slugs.get(part.lower(), part) for part in typed]
    versions = resources.chosen(ModelCard.Kind.CHECKPOINT, chosen)
    return Axis("model", tuple(one.card.slug for one in versions), tuple(one.card.title for one in versions))


def words(typed):
    """As AUTOMATIC1111's prompt S/R: the first is what the prompt says, all of them are what it says in the cells.

    "find => a, b, c" names what is replaced without drawing it.
    """
    find, arrow, first = typed[0].partition("=>")
    find = find.strip()
    values = [first.strip(), *typed[1:]] if arrow else typed
    values = tuple(dict.fromkeys(value for value in values if value))
    if not find or not values:
        message = _("Words of the prompt: write what is replaced and what replaces it, such as red => green, blue.")
        raise limits.BadValue(message)
    return Axis("prompt", tuple([find, value] for value in values), tuple(value[:MAX_LABEL] for value in values))
