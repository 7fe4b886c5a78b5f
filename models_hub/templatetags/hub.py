"""What templates of the hub ask for."""

from django import template
from django.urls import reverse
from django.utils.formats import number_format

from models_hub import details, findings, markdown

register = template.Library()
FAMILIES = {"starter": "Starter", "sd1": "SD 1.x", "sd2": "SD 2.x", "sd2-v": "SD 2.x v", "sdxl": "SDXL"}
FAMILIES |= {"sd3": "SD 3", "flux": "Flux", "unknown": "?"}


@register.filter
def family_name(family):
    """Such as SD 1.x for sd1."""
    return FAMILIES.get(family, family)


@register.simple_tag
def cover_of(card, most=3):
    """The samples that stand for a card: the chosen cover first, then those of its newest version."""
    version = next(iter(card.versions.all()), None)
    samples = list(version.samples.all()[:most]) if version else []
    if card.cover_id:
        samples = [card.cover, *(one for one in samples if one.pk != card.cover_id)]
    return samples[:most]


@register.simple_tag
def sample_url(card, sample):
    return reverse("models_hub:sample", args=[card.slug, sample.pk])


@register.filter
def short(number):
    """12,345 as 12.3k: counters on cards."""
    if number < 1000:
        return str(number)
    for limit, divisor, unit in ((1_000_000, 1000, "k"), (10**9, 1_000_000, "M")):
        if number < limit:
            return number_format(number / divisor, 1 if number < 10 * divisor else 0) + unit
    return number_format(number / 10**9, 1) + "G"


@register.filter(is_safe=True)
def as_markdown(text):
    """Markdown as HTML that can do no harm."""
    return markdown.html(text)


@register.filter
def teaser(text):
    """The beginning of a text in Markdown, in plain words."""
    return markdown.plain(text)


@register.simple_tag
def facts_of(version, files):
    """[(label, value)] of the version's weights."""
    return details.facts(version, files)


@register.filter
def hashes(file):
    """[(name, value)] of a file; nothing for no file."""
    return details.hashes(file) if file else []


@register.simple_tag
def main_file(files):
    return details.main_file(files)


@register.filter
def permissions(card):
    """[(allowed, sentence)]"""
    return details.permissions(card)


@register.filter
def sentence(finding):
    """What inspection has to say, in the reader's language."""
    return findings.sentence(finding)


@register.filter
def percent_of(part, whole):
    return round(100 * part / whole) if whole else 0
