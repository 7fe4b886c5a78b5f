"""Whether a version of the hub can be drawn with here, and the way to do it."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from generation.asking.resources import FAMILY_NAMES
from generation.scheduling import capabilities
from models_hub import findings
from models_hub.models import Finding, ModelCard

register = template.Library()
# What the generate page calls each kind in its address.
NAMES = {
    ModelCard.Kind.CHECKPOINT: "model",
    ModelCard.Kind.LORA: "lora",
    ModelCard.Kind.EMBEDDING: "embeddings",
    ModelCard.Kind.VAE: "vae",
    ModelCard.Kind.CONTROLNET: "control",
}


@register.simple_tag
def use_in_generator(version):
    """{"url", "name", "why"}: where the form starts from this version's model, or the sentence that says why not.

    `name` is the parameter of the address. The version must come with its card, files and findings.
    """
    why = why_not(version)
    name = NAMES.get(version.card.kind, "")
    return {"why": why, "name": name, "url": "" if why else address(version.card, name)}


def address(card, name):
    return f"{reverse('generation:generate')}?{urlencode({name: card.slug})}"


def why_not(version):
    """Empty when new jobs can use it."""
    card = version.card
    if not version.is_published:
        return _("Only published versions can be drawn with.")
    if card.kind not in NAMES:
        return _("Enlarging uses the networks that come with the site; this one can be downloaded.")
    if said := cannot_run(version):
        return said
    if card.family not in FAMILY_NAMES:
        return _("Models of the family “%(family)s” are not drawn with here yet.") % {"family": card.family}
    return too_much(version) if card.kind == ModelCard.Kind.CHECKPOINT else ""


def cannot_run(version):
    """What inspection found in the file itself."""
    found = Finding.objects.filter(file__version=version, code="cannot_run").first()
    return findings.sentence(found) if found else ""


def too_much(version):
    """What the running workers say; none of them running is no reason, because one may start."""
    workers = capabilities.live()
    return capabilities.why_not(capabilities.needs_of(version), workers) if workers else ""
