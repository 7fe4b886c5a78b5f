"""Own creations as samples of one's model: offered, and taken over."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET
from PIL import Image

from gallery.models import Picture
from models_hub.uploads.services import refuse_sanctioned
from models_hub.wizard import access, samples, steps
from models_hub.wizard.views.samples import back_to

# How many of the newest creations are looked through, and how many are shown.
LOOKED_AT, SHOWN = 400, 60


def made_with(user, card):
    """Pictures of `user` that a version of `card` had a part in, newest first: as checkpoint or as LoRA."""
    newest = Picture.objects.for_owner(user).select_related("recipe", "recipe__version").order_by("-created_at", "-id")
    versions = set(card.versions.values_list("pk", flat=True))
    return [picture for picture in newest[:LOOKED_AT] if uses(picture, versions)][:SHOWN]


def uses(picture, versions):
    recipe = getattr(picture, "recipe", None)
    if recipe is None:
        return False
    return recipe.version_id in versions or any(lora.get("version_id") in versions for lora in recipe.loras)


@login_required
@require_GET
def choices(request, slug):
    version = access.version_of(request, slug)
    context = {"pictures": made_with(request.user, version.card), "card": version.card, "version": version}
    part = "gallery/_sample_choices.html"
    return render(request, part if access.is_htmx(request) else "gallery/sample_choices.html", context)


@access.deed
def take(request, slug, picture_id):
    """Copy a creation into the samples, with its recipe."""
    version = access.version_of(request, slug)
    picture = get_object_or_404(Picture.objects.for_owner(request.user).select_related("recipe"), pk=picture_id)
    refuse_sanctioned(request.user)
    with Image.open(picture.path) as image:
        samples.store(version, image.convert("RGB"), recipe_of(picture), request.user)
    return back_to(request, version) if access.is_htmx(request) else redirect(steps.url(version, "samples"))


def recipe_of(picture):
    """The picture's recipe as models_hub.wizard.parameters reads one from a file."""
    recipe = getattr(picture, "recipe", None)
    if recipe is None:
        return {}
    names = ("prompt", "negative_prompt", "seed", "steps", "guidance", "sampler", "width", "height", "loras")
    found = {name: getattr(recipe, name) for name in names}
    return found | {"model": recipe.model_name, "model_hash": recipe.model_sha256}
