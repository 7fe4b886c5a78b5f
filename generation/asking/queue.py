"""What owners do with their waiting jobs: hold one back, release it, put it before another."""

import time

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from generation.models import Job
from generation.scheduling import scheduler, tickets
from generation.watching import progress
from visionary.common.exceptions import DomainError


def now_position():
    """The position of a job that is submitted now: after all that its owner has asked for before."""
    return time.time_ns() // 1000


def hold_job(*, job, by):
    """Keep a waiting job from starting until it is released. It keeps its place among its owner's jobs.

    Raises DomainError for somebody else's job, and for one that is not waiting.
    """
    check_owner(job, by)
    if not Job.objects.queued().filter(pk=job.pk).update(state=Job.State.HELD):
        raise DomainError(_("Only a job that waits in the queue can be held."), code="job_not_waiting", status=409)
    return told(job)


def release_job(*, job, by):
    """Send a held job back to the queue, at its old place. Raises DomainError."""
    check_owner(job, by)
    if not Job.objects.held().filter(pk=job.pk).update(state=Job.State.QUEUED):
        raise DomainError(_("This job is not on hold."), code="job_not_held", status=409)
    transaction.on_commit(tickets.issue)
    return told(job)


def move_job(*, job, before=None, by):
    """Put a waiting or held job before another of the same owner, or at the end. Raises DomainError.

    The places are those that the owner's waiting jobs have already: nobody else's turn changes.
    """
    check_owner(job, by)
    with transaction.atomic():
        # Two moves at once would give two jobs the same place.
        User.objects.select_for_update().get(pk=job.owner_id)
        waiting = list(waiting_of(job.owner_id))
        check_waiting(job, before, waiting)
        rearranged = moved(waiting, job, before)
        places = distinct(sorted(one.position for one in waiting))
        changed = [one for one, place in zip(rearranged, places, strict=True) if one.position != place]
        for one, place in zip(rearranged, places, strict=True):
            one.position = place
        Job.objects.bulk_update(changed, ["position"])
    return told(job)


def waiting_of(owner_id):
    rows = Job.objects.filter(owner=owner_id, state__in=[Job.State.QUEUED, Job.State.HELD])
    return rows.order_by(*scheduler.OWN_ORDER).only("pk", "position")


def moved(waiting, job, before):
    """`waiting` with `job` taken out and put before `before` (None: at the end)."""
    chosen = next(one for one in waiting if one.pk == job.pk)
    rest = [one for one in waiting if one.pk != job.pk]
    place = len(rest) if before is None else next(i for i, one in enumerate(rest) if one.pk == before.pk)
    return [*rest[:place], chosen, *rest[place:]]


def distinct(places):
    """The same places, each a little later where two were the same."""
    apart = []
    for place in places:
        apart.append(max(place, apart[-1] + 1) if apart else place)
    return apart


def check_waiting(job, before, waiting):
    ids = {one.pk for one in waiting}
    if job.pk not in ids:
        raise DomainError(_("Only a job that has not begun can be moved."), code="job_not_waiting", status=409)
    if before is None:
        return
    if before.pk == job.pk:
        raise DomainError(_("A job cannot be put before itself."), code="bad_value", field="before")
    if before.pk not in ids:
        message = _("The job to put it before has begun, or is not of the same owner. Look at the queue again.")
        raise DomainError(message, code="job_not_waiting", field="before", status=409)


def check_owner(job, by):
    if job.owner_id != by.pk and not by.has_perm("generation.change_job"):
        raise DomainError(_("This is somebody else's job."), code="not_yours", status=403)


def told(job):
    """The job read afresh; everybody who watches hears of it after the commit."""
    job.refresh_from_db()
    transaction.on_commit(lambda: progress.announce(job))
    return job
