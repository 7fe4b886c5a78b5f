"""X/Y grids: one request with two settings varied, each cell a job of its own."""

import hashlib
import json
import secrets
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from generation import limits, services
from generation.asking import drafts, resources
from generation.grids import axes
from generation.models import Job, JobGroup
from generation.scheduling import tickets
from generation.watching import progress
from models_hub.models import ModelCard
from visionary.common.exceptions import DomainError

MAX_TITLE = 120
# The field of a refusal, for axes whose name differs from it.
FIELDS = {"lora_weight": "weight", "model": "version"}
HAS_STRENGTH = {Job.Kind.IMG2IMG, Job.Kind.INPAINT}


def submit_grid(*, owner, x, y=("", ""), title="", idempotency_key=None, **asked):
    """Queue a cell for every pair of values and return the JobGroup: all of it, or nothing.

    `x` and `y` are (name, values as typed), see generation.axes; `asked` is what submit_job takes, the same for all
    cells but for what the axes change, with one picture each. Where no seed is given, one is drawn for all of them,
    so that they compare. With an `idempotency_key` used before, the earlier grid is returned (`replayed`).

    Raises BadValue (at "x_axis", "x_values", "y_axis", "y_values" or a field), Misfit, QuotaExceeded, DomainError.
    """
    columns, rows = read(x, y)
    digest = digest_of(asked, columns, rows)
    cells = draft_cells(owner, columns, rows, seeded(asked))
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)
        if earlier := services.find_earlier(JobGroup.objects.filter(owner=owner), idempotency_key, digest):
            return earlier
        services.check_quota(owner, len(cells), sum(cell.megapixel_steps for _place, cell in cells), bulk=True)
        named = {"title": title_of(title, asked), "request_digest": digest, "idempotency_key": idempotency_key or None}
        grid = JobGroup.objects.create(owner=owner, x_axis=columns.as_json(), y_axis=rows.as_json(), **named)
        for (column, row), cell in cells:
            cell.write(owner=owner, group=grid, is_bulk=True, cell_x=column, cell_y=row)
        transaction.on_commit(lambda: tickets.issue(len(cells)))
        transaction.on_commit(lambda: progress.tell_owner(owner.pk))
    return grid


def read(x, y):
    """The two Axis of what was asked. Raises BadValue."""
    if not x[0]:
        raise limits.BadValue(_("Grid: choose what changes from column to column."), field="x_axis", code="required")
    columns, rows = axes.parse("x", *x), axes.parse("y", *y)
    if columns.name == rows.name and columns.name != "prompt":
        raise limits.BadValue(_("Grid: choose something else for the rows than for the columns."), field="y_axis")
    if (number := len(columns.values) * len(rows.values)) > limits.MAX_CELLS:
        message = _("Grid: these are %(number)d cells; %(most)d is the most. Give fewer values.")
        raise limits.BadValue(message % {"number": number, "most": limits.MAX_CELLS}, field="x_values")
    return columns, rows


def seeded(asked):
    seed = asked.get("seed")
    return asked | {"count": 1, "seed": secrets.randbelow(limits.MAX_SEED) if seed is None else seed}


def draft_cells(owner, columns, rows, asked):
    """[((column, row), Draft)] in reading order, every one of them checked."""
    versions = chosen_models(columns, rows)
    drafted = []
    for row, down in enumerate(rows.values):
        for column, across in enumerate(columns.values):
            cell = asked
            for way, axis, value in (("x", columns, across), ("y", rows, down)):
                cell = changed(way, axis, value, cell, asked, versions)
            with at_axis(columns, rows):
                drafted.append(((column, row), drafts.draft(owner=owner, **cell)))
    return drafted


def chosen_models(*used):
    """{slug: version} of the models on the axes."""
    slugs = [slug for axis in used if axis.name == "model" for slug in axis.values]
    return resources.newest(ModelCard.Kind.CHECKPOINT, slugs) if slugs else {}


def changed(way, axis, value, cell, asked, versions):
    """`cell` with what `axis` says there; `asked` is what the whole grid was asked with. Raises BadValue."""
    if not axis.name:
        return cell
    if axis.name == "model":
        return cell | {"version": versions[value]}
    if axis.name == "lora_weight":
        return cell | {"loras": weighted(way, value, cell.get("loras") or ())}
    if axis.name == "prompt":
        return cell | {"prompt": replaced(way, *value, cell["prompt"], asked["prompt"])}
    if axis.name == "strength" and drafts.kind_of(asked) not in HAS_STRENGTH:
        message = _("Strength: only a picture that is made from another one has a strength. Choose a source first.")
        raise limits.BadValue(message, field=f"{way}_axis")
    return cell | {axis.name: value}


def weighted(way, weight, loras):
    """The first LoRA with another weight."""
    if not loras:
        raise limits.BadValue(_("LoRA weight: add the LoRA first."), field=f"{way}_axis")
    (first, _weight), *others = loras
    return [(first, weight), *others]


def replaced(way, find, words, prompt, original):
    if find not in original:
        message = _("Words of the prompt: “%(words)s” is not in the prompt. The first value is what gets replaced.")
        raise limits.BadValue(message % {"words": find[:60]}, field=f"{way}_values")
    # Before it is made: a letter of a long prompt replaced by thousands would fill the memory.
    if len(prompt) + prompt.count(find) * (len(words) - len(find)) > limits.MAX_PROMPT:
        message = _("%(field)s: use at most %(most)d characters.")
        named = {"field": limits.labels()["prompt"], "most": limits.MAX_PROMPT}
        raise limits.BadValue(message % named, field=f"{way}_values")
    return prompt.replace(find, words)


class at_axis:  # noqa: N801 - reads as a phrase
    """Inside, a refusal of a value that an axis gave is told at that axis."""

    def __init__(self, columns, rows):
        self.axes = {FIELDS.get(axis.name, axis.name): way for way, axis in (("x", columns), ("y", rows))}

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, DomainError) and error.field in self.axes:
            error.field = f"{self.axes[error.field]}_values"


def digest_of(asked, columns, rows):
    parts = [asked.get(name) or () for name in ("loras", "embeddings", "styles")]
    base = drafts.request_digest(asked["version"], asked, *parts)
    return hashlib.sha256(json.dumps([base, columns.as_json(), rows.as_json()]).encode()).hexdigest()


def title_of(title, asked):
    return (title.strip() or asked["prompt"].strip()).replace("\x00", "")[:MAX_TITLE]


def cancel_grid(*, grid, by):
    """Cancel every cell that is not over. Returns how many; raises DomainError for somebody else's grid."""
    services.check_owner(grid, by)
    over = {"state": Job.State.CANCELLED, "finished_at": timezone.now(), "lease_token": None}
    jobs = list(Job.objects.active().filter(group=grid))
    stopped = [job for job in jobs if Job.objects.active().filter(pk=job.pk).update(**over)]
    for job in stopped:
        job.state = Job.State.CANCELLED
        transaction.on_commit(partial(progress.announce, job))
    return len(stopped)


def cells(grid):
    """The jobs of a grid in reading order, with their pictures. A fixed number of queries."""
    return list(
        grid.jobs.with_details().prefetch_related("results__picture__recipe").order_by("cell_y", "cell_x", "pk")
    )


def state(grid):
    """What the page of a grid polls: each cell's state, and its picture once it is there."""
    jobs = cells(grid)
    over = sum(job.is_over for job in jobs)
    return {
        "grid": str(grid.pk),
        "title": grid.title,
        "x": grid.x_axis,
        "y": grid.y_axis or None,
        "cells": [cell_state(job) for job in jobs],
        "done": over,
        "total": len(jobs),
        "is_over": over == len(jobs),
    }


def cell_state(job):
    said = progress.latest(job.pk) if job.state == Job.State.RUNNING else {}
    picture = picture_of(job)
    return {
        "job": str(job.pk),
        "x": job.cell_x,
        "y": job.cell_y,
        "state": job.state,
        "state_label": job.get_state_display(),
        "percent": 100 if job.state == Job.State.DONE else said.get("percent", 0),
        "preview": said.get("preview"),
        "picture": progress.picture_state(picture) if picture else None,
        "error": job.failure or None,
        "url": job.get_absolute_url(),
    }


def picture_of(job):
    """The cell's picture, unless it was deleted or withheld."""
    return next(iter(progress.shown_pictures(job)), None)


def table(grid):
    """[{"label", "cells": [job or None]}]: one entry a row, for the page and the sheet."""
    across, down = len(grid.x_axis["values"]), grid.y_axis.get("labels", [""])
    rows = [{"label": label, "cells": [None] * across} for label in down]
    for job in cells(grid):
        job.shown_picture = picture_of(job)
        rows[job.cell_y]["cells"][job.cell_x] = job
    return rows
