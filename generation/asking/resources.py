"""What a job draws with besides its checkpoint, and whether it all fits together."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from generation import limits
from models_hub.models import ModelCard, ModelVersion
from visionary.common.exceptions import DomainError
from visionary.common.wording import listed

# Families that share an architecture: v-prediction changes how SD 2 is drawn, not what fits it.
SAME = {"sd2-v": "sd2"}
# SD 1 and SD 2 have the same VAE.
VAE_SAME = SAME | {"sd2": "sd1", "sd2-v": "sd1"}
FAMILY_NAMES = {"starter": "Starter", "sd1": "SD 1.x", "sd2": "SD 2.x", "sd2-v": "SD 2.x v", "sdxl": "SDXL"}
MANY = {"lora": limits.MAX_LORAS, "embedding": limits.MAX_EMBEDDINGS}


class Misfit(DomainError):
    """Resources that cannot be used with the model; `slugs` are those to remove."""

    code = "incompatible"

    def __init__(self, message, slugs):
        super().__init__(message, field="resources")
        self.slugs = list(slugs)


@dataclass(frozen=True)
class Resources:
    """`loras` are (version, weight) pairs; the rest are versions."""

    loras: tuple = ()
    embeddings: tuple = ()
    vae: ModelVersion | None = None
    control: ModelVersion | None = None

    def named(self):
        """(kind, version) of all of them."""
        found = [(ModelCard.Kind.LORA, lora) for lora, _weight in self.loras]
        found += [(ModelCard.Kind.EMBEDDING, version) for version in self.embeddings]
        found += [(ModelCard.Kind.VAE, self.vae)] if self.vae else []
        return found + ([(ModelCard.Kind.CONTROLNET, self.control)] if self.control else [])


def check(version, resources):
    """Raise DomainError unless the checkpoint can be used and everything else fits it."""
    if version.card.kind != ModelCard.Kind.CHECKPOINT or not version.is_published:
        raise DomainError(_("Model: this model cannot be used. Choose another one."), code="bad_model", field="model")
    check_numbers(resources)
    named = resources.named()
    gone = [one for kind, one in named if one.card.kind != kind or not one.is_published]
    if gone:
        message = _("%(names)s cannot be used here any more. Remove: %(names)s.")
        raise Misfit(message % {"names": described(gone)}, slugs_of(gone))
    if misfits := [one for kind, one in named if not fits(kind, one.card, version.card)]:
        message = _(
            "%(names)s: does not fit the model “%(model)s” (%(family)s). Remove what does not fit, or change the model."
        )
        names = {"names": described(misfits), "model": version.card.title, "family": family_name(version.card.family)}
        raise Misfit(message % names, slugs_of(misfits))


def check_numbers(resources):
    if len(resources.loras) > limits.MAX_LORAS:
        raise limits.BadValue(_("LoRA: choose at most %(most)d.") % {"most": limits.MAX_LORAS}, field="loras")
    if len(resources.embeddings) > limits.MAX_EMBEDDINGS:
        message = _("Textual inversion: choose at most %(most)d.") % {"most": limits.MAX_EMBEDDINGS}
        raise limits.BadValue(message, field="embeddings")
    for _lora, weight in resources.loras:
        limits.check_number("weight", weight, *limits.LORA_WEIGHT)


def fits(kind, card, model):
    """Whether the resource `card` was made for the family of the checkpoint's card `model`."""
    same = VAE_SAME if kind == ModelCard.Kind.VAE else SAME
    return same.get(card.family, card.family) == same.get(model.family, model.family)


def described(versions):
    """Such as “Ink” (LoRA, SDXL), “Soft” (VAE, SD 1.x)."""
    return listed(_("“%(name)s” (%(kind)s, %(family)s)") % facts(one.card) for one in versions)


def facts(card):
    return {"name": card.title, "kind": card.get_kind_display(), "family": family_name(card.family)}


def slugs_of(versions):
    return [version.card.slug for version in versions]


def family_name(family):
    return FAMILY_NAMES.get(family, family)


def newest(kind, slugs):
    """{slug: newest version} of the published cards of `kind` among `slugs`."""
    versions = ModelVersion.objects.published().filter(card__kind=kind, card__slug__in=slugs).select_related("card")
    return {version.card.slug: version for version in versions.order_by("created_at", "pk")}


def chosen(kind, slugs):
    """The newest versions of `slugs`, in their order. Raises Misfit naming those that are not there."""
    found = newest(kind, slugs)
    if missing := [slug for slug in slugs if slug not in found]:
        label = ModelCard.Kind(kind).label
        message = _("%(kind)s: there is no “%(names)s”, or it cannot be used. Remove it or choose another one.")
        raise Misfit(message % {"kind": label, "names": listed(missing)}, missing)
    return [found[slug] for slug in dict.fromkeys(slugs)]
