"""Making a picture of the site again: exactly, or as variations."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render

from gallery.models import Picture
from generation.recipes import reruns
from generation.views import generate
from visionary.common import unavailable
from visionary.common.exceptions import DomainError


@login_required
def rerun(request, picture_id):
    """GET: what would differ, before anything is asked. POST: queue it with the exact seed and settings.

    Context: picture, recipe, plan (generation.recipes.reruns.Plan).
    """
    picture = with_recipe(request.user, picture_id)
    if request.method == "POST":
        return asked(request, picture, reruns.rerun)
    found = reruns.plan(picture.recipe, request.user)
    context = {"picture": picture, "recipe": picture.recipe, "plan": found}
    return render(request, "generation/rerun.html", context)


@login_required
def variations(request, picture_id):
    """POST: queue four variations."""
    picture = with_recipe(request.user, picture_id)
    if request.method != "POST":  # whoever was asked to sign in first comes back with a GET
        return redirect(picture)
    return asked(request, picture, reruns.vary)


def asked(request, picture, service):
    """A page that swaps gets the job's card, others go to its page; a refusal is told on the picture's page."""
    try:
        with unavailable.told():
            job = service(picture=picture, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return generate.go(request, picture)
    if generate.swaps(request):
        return render(request, "generation/_job_card.html", {"job": generate.detailed(job)}, status=201)
    return redirect(job)


def with_recipe(user, picture_id):
    readable = Picture.objects.visible_to(user).with_details()
    return get_object_or_404(readable, pk=picture_id, recipe__isnull=False)
