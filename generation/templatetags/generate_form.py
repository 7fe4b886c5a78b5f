"""What the form of the generate page shows besides its fields."""

from django import template
from django.utils.translation import gettext as _

from generation import limits
from generation.asking import drafts, help_texts, resources, sizes, sources
from generation.models import Job
from generation.scheduling import quotas
from generation.views import pickers
from models_hub.models import ModelCard

register = template.Library()

ICONS = {"txt2img": "spark", "img2img": "gallery", "inpaint": "brush", "outpaint": "expand", "upscale": "zoom-in"}
# Without script at most these are offered in a plain list.
PLAIN_LIST = 100
# Percent of a day's bound from which the form shows it.
HALF = 50


@register.simple_tag
def kinds(form):
    """The kinds of work: [{"value", "label", "icon", "chosen"}]."""
    chosen = value_of(form, "kind")
    chosen = chosen if chosen in Job.Kind.values else Job.Kind.TXT2IMG
    return [
        {"value": value, "label": label, "icon": ICONS[value], "chosen": value == chosen}
        for value, label in Job.Kind.choices
    ]


def value_of(form, name):
    return form[name].value() if name in form.fields else None


@register.simple_tag
def source_of(form, name, user):
    """The Source that the field `name` holds, if it is one of `user`, or the picture of the site that it offers."""
    value = value_of(form, name)
    if not value or not user.is_authenticated:
        return None
    return sources.offered(user, value) or sources.owned(user, getattr(value, "pk", value))


@register.simple_tag
def outpaint_sides(form):
    """The fields of the four sides, with what stands in them."""
    labels = {"left": _("Left"), "right": _("Right"), "top": _("Top"), "bottom": _("Bottom")}
    named = [(side, f"outpaint_{side}") for side in sizes.SIDES]
    return [
        {"name": side, "label": labels[side], "field": form[name], "value": value_of(form, name) or 0}
        for side, name in named
        if name in form.fields
    ]


@register.filter
def family_limits(form):
    """{family: {"most", "fit"}}: pixels it draws at most, and those a source is shrunk to; "" is any other family."""
    other = max(limits.MAX_PIXELS.values())
    known = {name: {"most": most, "fit": limits.FIT_PIXELS.get(name, most)} for name, most in limits.MAX_PIXELS.items()}
    return known | {"": {"most": other, "fit": other}}


@register.filter
def strengths(form):
    """{kind: the strength to start from}."""
    return {str(kind): value for kind, value in drafts.STRENGTHS.items()}


@register.simple_tag
def resource_cards(kind):
    """The newest published cards of `kind`."""
    cards = ModelCard.objects.published().filter(kind=kind, versions__isnull=False).distinct()
    return list(cards.order_by("-created_at", "-pk")[:PLAIN_LIST])


@register.filter
def families(card):
    """The families of models that fit `card`, for a data- attribute."""
    return " ".join(pickers.fitting_families(card))


@register.simple_tag
def chosen_resources(form, lora_rows):
    """The resources in the form, in the order in which they were chosen; what is not on the site is left out."""
    rows = [("lora", row["slug"], row.get("weight")) for row in lora_rows if row.get("slug")]
    rows += [("embedding", slug, None) for slug in slugs(value_of(form, "embeddings"))]
    rows += [("controlnet", slug, value_of(form, "control_weight")) for slug in slugs(value_of(form, "control"))]
    found = {}
    if rows:
        cards = ModelCard.objects.published().with_cover().filter(slug__in=[slug for _kind, slug, _weight in rows])
        found = {(card.kind, card.slug): card for card in cards}
    return [
        pickers.choice(found[kind, slug], weight) for kind, slug, weight in dict.fromkeys(rows) if (kind, slug) in found
    ]


def slugs(value):
    values = value if isinstance(value, list | tuple) else [value]
    return [getattr(one, "slug", one) for one in values if one]


@register.simple_tag
def model_families():
    """[(family, its name)] of the published checkpoints, for the picker."""
    cards = ModelCard.objects.published().filter(kind=ModelCard.Kind.CHECKPOINT, versions__isnull=False)
    return [(family, resources.family_name(family)) for family in sorted(set(cards.values_list("family", flat=True)))]


@register.simple_tag
def quota_of(user):
    """How many jobs `user` has under way, and of the day's bounds those that are half used up: see quotas.usage."""
    rules = [rule for rule in quotas.usage(user) if rule["most"]]
    return [rule for rule in rules if rule["rule"] == "active" or rule["percent"] >= HALF]


@register.simple_tag
def help_of(about):
    """What the bubble of a parameter shows."""
    return help_texts.bubble(about)
