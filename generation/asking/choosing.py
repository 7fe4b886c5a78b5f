"""What the fields of a form or an API request name, looked up: resources by slug, sources by id."""

from django.utils.translation import gettext as _

from generation import limits
from generation.asking import resources, sources
from generation.models import StyleTemplate
from models_hub.models import ModelCard

ROLES = {"source": "source", "mask": "mask", "control_source": "guide"}


def one(kind, slug):
    """The newest version of the card `slug`, or None without one. Raises Misfit."""
    return resources.chosen(kind, [slug])[0] if slug else None


def rows(asked):
    """{"vae", "control", "embeddings"}: versions for the slugs in `asked`. Raises Misfit."""
    return {
        "vae": one(ModelCard.Kind.VAE, asked.get("vae")),
        "control": one(ModelCard.Kind.CONTROLNET, asked.get("control")),
        "embeddings": resources.chosen(ModelCard.Kind.EMBEDDING, asked.get("embeddings") or []),
    }


def given_sources(user, asked):
    """{"source", "mask", "control_source"}: Sources of `user` for the ids in `asked`. Raises BadValue."""
    return {name: own_source(user, name, asked.get(name)) for name in ROLES}


def own_source(user, name, key):
    if not key:
        return None
    # A source may serve as a guide and the other way round; what a mask is, is another matter.
    found = sources.owned(user, key, role="mask" if name == "mask" else None)
    if found is None or (name != "mask" and found.role == "mask"):
        raise limits.BadValue(_("This source picture is gone. Choose it again."), field=name, code="gone")
    return found


def styles(slugs):
    """The StyleTemplates on offer among `slugs`, in their order. Raises BadValue."""
    found = {style.slug: style for style in StyleTemplate.objects.filter(is_active=True, slug__in=slugs)}
    if missing := [slug for slug in slugs if slug not in found]:
        message = _("Style: there is no style “%(name)s”. Choose another one.")
        raise limits.BadValue(message % {"name": missing[0]}, field="styles")
    return [found[slug] for slug in dict.fromkeys(slugs)]
