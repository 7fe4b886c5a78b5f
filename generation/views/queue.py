"""The results side of the generate page: own jobs under way, and what has come of the earlier ones."""

import uuid
from functools import partial

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gallery.models import Picture
from gallery.views import with_cards
from generation.asking import queue
from generation.models import Job
from generation.views.generate import change, own
from generation.watching import overview, results


@login_required
@require_GET
@never_cache
def active(request):
    """The same JSON as the socket /ws/jobs/ sends, for browsers that cannot open one."""
    return JsonResponse(overview.snapshot(request.user))


@login_required
@require_GET
@never_cache
def queue_panel(request):
    """The queue tab, for the page to swap in; opened as a page it is the tab of the generate page."""
    if not request.GET.get("part"):
        return redirect(f"{reverse('generation:generate')}?tab=queue")
    return render(request, "generation/_queue.html", {"part": True})


@login_required
@require_GET
@never_cache
def results_page(request):
    """The next jobs of the endless list (`part=1`), filtered by the address."""
    if not request.GET.get("part"):
        return redirect(f"{reverse('generation:generate')}?{request.GET.urlencode()}")
    form = results.ResultsForm(request.GET)
    page = results.page(form.apply(results.of_user(request.user)), request.GET.get("cursor", ""))
    return render(request, "generation/_results_page.html", {"page": page})


@login_required
def hold(request, job_id):
    return change(request, job_id, queue.hold_job)


@login_required
def release(request, job_id):
    return change(request, job_id, queue.release_job)


@login_required
def move(request, job_id):
    """Put a waiting job before another of the owner's (`before`), or at the end."""
    before = moved_before(request)
    return change(request, job_id, partial(queue.move_job, before=before))


def moved_before(request):
    """The job that `before` names; None when it names none. 404 for one that is not the owner's."""
    wanted = request.POST.get("before", "")
    if not wanted:
        return None
    try:
        return own(request, uuid.UUID(wanted))
    except ValueError:
        return get_object_or_404(Job.objects.none())


@require_GET
def picture_side(request, picture_id):
    """What the lightbox shows beside a picture: its recipe and what to do with it."""
    shown = get_object_or_404(Picture.objects.visible_to(request.user).with_details(), pk=picture_id)
    recipe = getattr(shown, "recipe", None)
    context = {
        "picture": shown,
        "pictures": [shown],
        "recipe": recipe,
        "loras": with_cards(recipe.loras) if recipe else [],
    }
    return render(request, "generation/_tile_side.html", context)
