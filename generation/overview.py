"""All of a user's jobs at once: what is under way, how many there are, and what has come of the earlier ones."""

import base64
import binascii
import datetime
import json
import uuid
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db.models import Case, Q, Value, When

from generation import progress
from generation.models import Job

# More own jobs than this under way (a large grid) are counted, not listed.
MOST = 200
LATEST = 12
PAGE = 12
COUNT_SECONDS = 2
ALL_KEY = "generation:under-way"
STOPPED = (Job.State.FAILED, Job.State.CANCELLED)


def under_way(user):
    """The user's running, waiting and held jobs, in the order in which they are drawn."""
    order = Case(
        When(state=Job.State.RUNNING, then=Value(0)), When(state=Job.State.QUEUED, then=Value(1)), default=Value(2)
    )
    return Job.objects.for_user(user).active().with_details().order_by(order, "position", "created_at", "pk")


def counts(user):
    """{"own", "all"}: jobs under way, the user's and everybody's (at most COUNT_SECONDS old)."""
    everybody = cache.get_or_set(ALL_KEY, Job.objects.active().count, COUNT_SECONDS)
    own = Job.objects.for_user(user).active().count()
    return {"own": own, "all": max(own, everybody)}


def snapshot(user):
    """What the socket of a page and its polling bring: states of the jobs under way, counts, ids of the latest jobs."""
    states = [progress.state_of(job) | group_of(job) for job in under_way(user)[:MOST]]
    latest = Job.objects.for_user(user).filter(group=None).order_by("-created_at", "-pk")
    ids = latest.values_list("pk", flat=True)[:LATEST]
    return {"jobs": states, "latest": [str(pk) for pk in ids], **counts(user)}


def group_of(job):
    return {"group": str(job.group_id) if job.group_id else None}


@dataclass
class Page:
    """Some jobs and the cursor of the next page (empty at the end)."""

    jobs: list = field(default_factory=list)
    cursor: str = ""


def page(jobs, cursor="", size=PAGE):
    """One Page of `jobs`, newest first; an unreadable cursor gives the first page."""
    after = read(cursor)
    if after:
        moment, pk = after
        jobs = jobs.filter(created_at__lte=moment).filter(Q(created_at__lt=moment) | Q(pk__lt=pk))
    rows = list(jobs.order_by("-created_at", "-pk")[: size + 1])
    return Page(rows[:size], write(rows[size - 1]) if len(rows) > size else "")


def write(job):
    return base64.urlsafe_b64encode(json.dumps([job.created_at.isoformat(), job.pk.hex]).encode()).decode().rstrip("=")


def read(cursor):
    """(moment, id) of the last job shown, or None for a cursor that was tampered with."""
    try:
        moment, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.datetime.fromisoformat(moment)
        return (moment.astimezone(datetime.UTC), uuid.UUID(pk)) if moment.tzinfo else None
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
