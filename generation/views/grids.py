"""Grids: their list, the page of one, its sheet as one PNG."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from generation.grids import axes, grids, sheets
from generation.models import Job, JobGroup
from visionary.common import limits
from visionary.common.exceptions import DomainError
from visionary.common.streaming import Pieces

PAGE = 24
# Cells that the list shows of a grid.
ACROSS, DOWN = 5, 4
SHEETS_PER_USER = {"most": 20, "seconds": 60}
OVER = [Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED]


def counted(user):
    """The grids of `user` with how many cells they have (`total`), and how many of them are over (`done`)."""
    over = Count("jobs", filter=Q(jobs__state__in=OVER))
    return JobGroup.objects.filter(owner=user).annotate(total=Count("jobs"), done=over)


@login_required
@require_GET
def mine(request):
    """One's own grids, newest first. Context: page (Paginator's), each with `total` and `done`."""
    page = Paginator(counted(request.user).order_by("-created_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    add_miniatures(page.object_list)
    return render(request, "generation/grids.html", {"page": page})


def add_miniatures(found):
    """Give each grid `miniature`: the first cells of its first rows, [[Picture or None]]. Two queries for all."""
    found = list(found)
    cells = Job.objects.filter(group__in=found, cell_x__lt=ACROSS, cell_y__lt=DOWN)
    pictures = {}
    for job in cells.prefetch_related("results__picture"):
        pictures[job.group_id, job.cell_y, job.cell_x] = grids.picture_of(job)
    for one in found:
        across = len(one.x_axis.get("labels", [])[:ACROSS])
        down = len((one.y_axis.get("labels") or [""])[:DOWN])
        one.miniature = [[pictures.get((one.pk, y, x)) for x in range(across)] for y in range(down)]


@login_required
@require_GET
def grid(request, grid_id):
    """Context: grid, columns (labels), rows ([{"label", "cells": [Job or None]}]), names of the axes, done, total."""
    found = own(request, grid_id)
    rows = grids.table(found)
    jobs = [job for row in rows for job in row["cells"] if job]
    context = {
        "grid": found,
        "columns": found.x_axis["labels"],
        "rows": rows,
        "x_name": axes.NAMES.get(found.x_axis["name"], ""),
        "y_name": axes.NAMES.get(found.y_axis.get("name"), ""),
        "done": sum(job.is_over for job in jobs),
        "total": len(jobs),
    }
    return render(request, "generation/grid.html", context)


@login_required
@require_GET
@never_cache
def state(request, grid_id):
    return JsonResponse(grids.state(own(request, grid_id)))


@login_required
def cancel(request, grid_id):
    """Cancel all cells that are not over."""
    found = own(request, grid_id)
    if request.method == "POST":
        number = grids.cancel_grid(grid=found, by=request.user)
        messages.success(request, ngettext("%(n)d cell cancelled.", "%(n)d cells cancelled.", number) % {"n": number})
    return redirect(found)


@login_required
@require_GET
@never_cache
def sheet(request, grid_id):
    """All cells as one labelled PNG; what is not drawn yet is left blank."""
    found = own(request, grid_id)
    try:
        limits.count("sheet", str(request.user.pk), **SHEETS_PER_USER)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(found)
    return answer(found, attachment="download" in request.GET)


def answer(found, *, attachment=False):
    """The sheet of a grid, streamed."""
    file, size = sheets.png(found)
    response = StreamingHttpResponse(Pieces(file, 0, size), content_type="image/png")
    response.headers["Content-Length"] = size
    name = f"grid-{found.created_at:%Y%m%d-%H%M}.png"
    response.headers["Content-Disposition"] = content_disposition_header(attachment, name)
    return response


def own(request, grid_id):
    return get_object_or_404(JobGroup, pk=grid_id, owner=request.user)
