"""What the line below the prompt box says: how long the prompt is, what is cut, and what is sent in its place."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation import limits, prompting
from generation.models import StyleTemplate
from generation.prompting import choices, counting
from models_hub.models import ModelCard, ModelVersion
from visionary.common.exceptions import DomainError

# The draw shown while no seed is chosen; the job draws with its own.
EXAMPLE_SEED = 0
MAX_CUT_SHOWN = 80  # characters


def measure(asked, *, styles=(), slug=""):
    """A dict for JSON: "prompt" and "negative_prompt" counted, "sent" (the resolved prompt, or ""), "problem".

    `asked` holds prompt, negative_prompt and seed as a form does. Never raises for what was typed.
    """
    text, negative = (asked.get(name, "")[: limits.MAX_PROMPT] for name in ("prompt", "negative_prompt"))
    version = version_of(slug)
    family = version.card.family if version else None
    found = StyleTemplate.objects.filter(is_active=True, slug__in=styles[:20]) if styles else ()
    try:
        words = prompting.resolve(text, negative=negative, seed=seed_of(asked), styles=found, family=family)
    except DomainError as error:
        return {"problem": str(error), "sent": "", "example": False} | counted(text, negative, version)
    drawn = bool(choices.TOKEN.search(text))
    sent = words.text if words.text != text else ""
    return {"problem": "", "sent": sent, "example": drawn} | counted(words.text, words.negative, version)


def seed_of(asked):
    text = asked.get("seed", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else EXAMPLE_SEED


def version_of(slug):
    """The version that a job with the model `slug` would be drawn with; the site's first model without one."""
    cards = ModelCard.objects.published().filter(kind=ModelCard.Kind.CHECKPOINT)
    versions = ModelVersion.objects.published().filter(card__in=cards).select_related("card")
    return (versions.filter(card__slug=slug[:100]).first() if slug else None) or versions.order_by("card_id").first()


def counted(text, negative, version):
    return {"prompt": described(text, version), "negative_prompt": described(negative, version)}


def described(text, version):
    """{"tokens", "room", "passages", "label", "note"} of one field, or None when nothing can be counted."""
    count = counting.count(text, version) if version and text.strip() else None
    if count is None:
        return None
    label = _("%(tokens)d / %(room)d") % {"tokens": count.tokens, "room": count.room * count.passages}
    return {"tokens": count.tokens, "room": count.room, "passages": count.passages, "label": label, "note": note(count)}


def note(count):
    """The sentence about a prompt that is longer than one passage; empty for one that fits."""
    if count.cut:
        cut = count.cut if len(count.cut) <= MAX_CUT_SHOWN else f"{count.cut[:MAX_CUT_SHOWN]}…"
        return _("Too long for this model. It does not read: “%(cut)s”") % {"cut": cut}
    if count.passages > 1:
        return ngettext("Read in %(number)d passage.", "Read in %(number)d passages.", count.passages) % {
            "number": count.passages
        }
    return ""
