"""`<lora:name:0.8>` in a prompt: a LoRA by its slug or its name, and how strongly it is applied."""

import re

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from generation import limits
from models_hub.models import ModelVersion
from visionary.common.exceptions import DomainError

TAG = re.compile(r"<lora:([^<>:]{1,100})(?::([^<>]{0,40}))?>", re.IGNORECASE)
# What a tag leaves behind: two commas, or a comma at an end.
GAPS = re.compile(r"(?:\s*,)+\s*(?=,)|^[\s,]+|[\s,]+$")


def take_out(text, family=None):
    """(`text` without its tags, [(version, weight)]). Raises DomainError that names what cannot be used."""
    tags = {name.strip(): weight for name, weight in TAG.findall(text)}
    if not tags:
        return text, []
    if len(tags) > limits.MAX_LORAS:
        message = _("Prompt: use at most %(most)d LoRAs; these are %(now)d.")
        raise limits.BadValue(message % {"most": limits.MAX_LORAS, "now": len(tags)}, field="prompt")
    found = find(tags, family)
    chosen = {found[name.lower()]: weight_of(name, weight) for name, weight in tags.items()}
    return GAPS.sub("", re.sub(r"[ \t]{2,}", " ", TAG.sub("", text))), list(chosen.items())


def weight_of(name, weight):
    try:
        number = float(weight or 1)
    except ValueError:
        number = float("nan")
    low, high = limits.LORA_WEIGHT
    if not low <= number <= high:
        message = _(
            "Prompt: the weight of “%(name)s” must be a number from %(low)g to %(high)g, as in <lora:%(name)s:0.8>."
        )
        raise limits.BadValue(message % {"name": name, "low": low, "high": high}, field="prompt")
    return number


def find(names, family=None):
    """{name in lower case: newest version}. Of several with one name, the one that fits `family` is meant."""
    wanted = [name.lower() for name in names]
    cards = Q(slug_low__in=wanted) | Q(name_low__in=wanted) | Q(zh_low__in=wanted)
    lower = {"slug_low": Lower("card__slug"), "name_low": Lower("card__name"), "zh_low": Lower("card__name_zh")}
    versions = ModelVersion.objects.published().loras().annotate(**lower).filter(cards).select_related("card")
    found = {}
    # The best comes last: what fits the family, and the slug before a name that another model has too.
    for version in sorted(versions, key=lambda one: (one.card.family == family, one.pk)):
        for name in (version.zh_low, version.name_low):
            found[name] = version
    for version in sorted(versions, key=lambda one: one.pk):
        found[version.slug_low] = version
    missing = next((name for name in names if name.lower() not in found), None)
    if missing is not None:
        message = _("Prompt: there is no LoRA “%(name)s”. Choose one under More settings, or take the tag out.")
        raise DomainError(message % {"name": missing}, code="bad_model", field="prompt")
    return found
