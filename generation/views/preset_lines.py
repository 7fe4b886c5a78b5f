"""What a preset holds, in words: for the page behind its link."""

from django.utils.translation import gettext_lazy as _

from generation.asking.presets import MODELS
from generation.forms import GenerateForm
from generation.models import Job, StyleTemplate
from models_hub.models import ModelCard
from visionary.common.wording import listed

# Shown by themselves, or implied by another line.
APART = {"prompt", "negative_prompt", "shape", "lora_weight"}
# Read by some kinds of work only; a form sends them always.
OUTPAINT = {"outpaint_left", "outpaint_top", "outpaint_right", "outpaint_bottom"}
READ_BY = {"mask_blur": {"inpaint"}, "strength": {"img2img", "inpaint"}} | {name: {"outpaint"} for name in OUTPAINT}
READ_WITH = {"preprocessor": "control", "control_weight": "control", "x_values": "x_axis", "y_values": "y_axis"}
LABELS = {"lora": _("LoRA")}


def lines(form):
    """[(label, value)] of a form (a QueryDict) beside its prompts, with names for slugs."""
    names = [name for name in form if name not in APART and is_read(name, form)]
    titles = titles_of(form)
    found = [(label_of(name), value_of(name, form, titles)) for name in names]
    return [(label, value) for label, value in found if label and value]


def is_read(name, form):
    kinds, switch = READ_BY.get(name), READ_WITH.get(name)
    return (not kinds or form.get("kind") in kinds) and (not switch or bool(form.get(switch)))


def label_of(name):
    field = GenerateForm.base_fields.get(name)
    return LABELS.get(name) or (field.label if field else None)


def titles_of(form):
    """{slug: title} of every model and style that the form names; two queries."""
    slugs = [slug for name in MODELS for slug in form.getlist(name)]
    cards = {card.slug: card.title for card in ModelCard.objects.published().filter(slug__in=slugs)}
    styles = StyleTemplate.objects.filter(slug__in=form.getlist("styles"), is_active=True)
    return cards | {f"style {style.slug}": style.title for style in styles}


def value_of(name, form, titles):
    values = [value for value in form.getlist(name) if value]
    if name == "kind":
        return dict(Job.Kind.choices).get(form.get(name), "")
    if name == "lora":
        pairs = zip(form.getlist(name), [*form.getlist("lora_weight"), *[""] * len(values)], strict=False)
        return listed(f"{titles.get(slug, slug)} × {weight or 1}" for slug, weight in pairs if slug)
    if name == "styles":
        return listed(titles.get(f"style {slug}", slug) for slug in values)
    return listed(titles.get(value, value) if name in MODELS else value for value in values)
