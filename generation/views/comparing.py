"""Two to four pictures beside each other, and what differs in how they were made."""

import uuid

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gallery.models import Picture
from generation.models import Job
from visionary.common.wording import listed

FEWEST, MOST = 2, 4


@require_GET
def compare(request):
    """?p=...&p=...: those of the pictures that the reader may see, in the order asked for."""
    pictures = wanted(request.GET.getlist("p"), request.user)
    context = {"pictures": pictures, "enough": len(pictures) >= FEWEST, "differences": differences(pictures)}
    return render(request, "generation/compare.html", context)


def wanted(ids, user):
    keys = []
    for value in dict.fromkeys(ids[: 4 * MOST]):
        try:
            keys.append(uuid.UUID(value))
        except ValueError:
            continue
    found = Picture.objects.visible_to(user).with_details().in_bulk(keys)
    return [found[key] for key in keys if key in found][:MOST]


def differences(pictures):
    """[{"name", "values"}] of the parameters that are not the same for all; a value for each picture."""
    told = [parameters(picture) for picture in pictures]
    rows = [{"name": name, "values": [one.get(name, "—") for one in told]} for name in parameters_in_order(told)]
    return [row for row in rows if len(set(row["values"])) > 1]


def parameters_in_order(told):
    return list(dict.fromkeys(name for one in told for name in one))


def parameters(picture):
    """{name in the reader's language: value as text} of how a picture was made; its size alone when that is unknown."""
    size = {_("Size"): f"{picture.width} × {picture.height}"}
    recipe = getattr(picture, "recipe", None)
    if recipe is None:
        return size
    told = {
        _("Prompt"): recipe.prompt,
        _("Negative prompt"): recipe.negative_prompt or "—",
        _("Model"): recipe.model_name,
        _("Seed"): str(recipe.seed),
        _("Steps"): str(recipe.steps),
        _("Guidance"): f"{recipe.guidance:g}",
        _("Sampler"): recipe.sampler,
        _("Kind"): str(Job.Kind(recipe.kind).label) if recipe.kind in Job.Kind.values else recipe.kind,
        _("Strength"): f"{recipe.strength:g}" if recipe.strength is not None else "—",
        _("Drawn at"): f"{recipe.width} × {recipe.height}",
        _("Enlargement"): f"× {recipe.upscale}",
        _("Clip skip"): str(recipe.clip_skip),
        "LoRA": listed(f"{lora['name']} × {lora.get('weight', 1):g}" for lora in recipe.loras) or "—",
        _("Other models"): listed(one.get("name", "") for one in recipe.resources) or "—",
    }
    return told | size
