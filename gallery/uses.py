"""Which versions a picture was made with, so that each of them shows the pictures made with it.

A recipe says it in words that outlive the models; these rows say it in keys. A file that is not on the site yet is
known by its hash alone: when a version with that hash is published, the pictures find their model.
"""

from django.db import transaction
from django.db.models import Q

from gallery.models import Picture, Recipe, Use
from models_hub.models import FileHash, ModelCard

BATCH = 200


def record(picture, recipe):
    """Write the rows of a new picture; `recipe` has Recipe's columns."""
    Use.objects.bulk_create(rows(picture.pk, recipe), ignore_conflicts=True)


def rows(picture_id, recipe):
    version = recipe.get("version")
    named = [(recipe.get("model_sha256"), version.pk if version else None, "model")]
    named += [(lora.get("sha256"), lora.get("version_id"), "lora") for lora in recipe.get("loras") or []]
    named += [(one.get("sha256"), one.get("version_id"), one.get("role")) for one in recipe.get("resources") or []]
    known = {sha256: (key, role) for sha256, key, role in reversed(named) if sha256}
    return [
        Use(picture_id=picture_id, sha256=sha256[:64].lower(), version_id=key, role=str(role or "")[:10])
        for sha256, (key, role) in known.items()
    ]


def link(version):
    """Give pictures whose recipe names a file of `version` by a hash that nobody knew the version itself."""
    wanted = hashes_of(version)
    unknown = Use.objects.filter(sha256__in=wanted, version=None)
    while keys := list(unknown.values_list("picture_id", flat=True)[:BATCH]):
        with transaction.atomic():
            link_recipes(version, wanted, keys)
            unknown.filter(picture_id__in=keys).update(version=version)


def hashes_of(version):
    """All names of the version's files in recipes: A1111 writes the ten digits of AutoV2, this site the whole."""
    files = version.files.filter(role="model")
    wanted = {version.sha256, *files.values_list("sha256", flat=True)}
    wanted |= set(FileHash.objects.filter(file__in=files).values_list("value", flat=True))
    wanted |= {value[:10] for value in wanted if value and len(value) == 64}
    return {value for value in wanted if value}


def link_recipes(version, wanted, pictures):
    """The recipes' own columns, which their pages show."""
    recipes = Recipe.objects.filter(picture__in=pictures)
    if version.card.kind == ModelCard.Kind.CHECKPOINT:
        drawn = recipes.filter(version=None, model_sha256__in=wanted)
        Picture.objects.filter(recipe__in=drawn, card=None).update(card=version.card)
        drawn.update(version=version)
    for recipe in recipes.filter(~Q(loras=[]) | ~Q(resources=[])):
        for one in [*recipe.loras, *recipe.resources]:
            if str(one.get("sha256", "")).lower() in wanted and not one.get("version_id"):
                one["version_id"] = version.pk
        recipe.save(update_fields=["loras", "resources"])
