"""All of a user's jobs at once: what is under way, and how many there are."""

from django.core.cache import cache
from django.db.models import Case, Value, When

from generation.models import Job
from generation.scheduling import scheduler
from generation.watching import progress

# More own jobs than this under way (a large grid) are counted, not listed.
MOST = 200
LATEST = 12
FAILED = 5
COUNT_SECONDS = 2
ALL_KEY = "generation:under-way"


def under_way(user):
    """The user's running jobs, then those that wait or are held, in the owner's order."""
    first = Case(When(state=Job.State.RUNNING, then=Value(0)), default=Value(1))
    return Job.objects.for_user(user).active().with_details().order_by(first, *scheduler.OWN_ORDER)


def failed(user):
    """The user's latest failed jobs, to be tried again from the queue."""
    return Job.objects.for_user(user).filter(state=Job.State.FAILED).with_details()[:FAILED]


def counts(user):
    """{"own", "all"}: jobs under way, the user's and everybody's (at most COUNT_SECONDS old)."""
    everybody = cache.get_or_set(ALL_KEY, Job.objects.active().count, COUNT_SECONDS)
    own = Job.objects.for_user(user).active().count()
    return {"own": own, "all": max(own, everybody)}


def snapshot(user):
    """What the socket of a page and its polling bring: states of the jobs under way, counts, ids of the latest jobs.

    Cells of grids say which grid ("group"); they are not among the latest.
    """
    states = [progress.state_of(job) | {"group": group_of(job)} for job in under_way(user)[:MOST]]
    latest = Job.objects.for_user(user).filter(group=None).order_by("-created_at", "-pk")
    ids = latest.values_list("pk", flat=True)[:LATEST]
    return {"jobs": states, "latest": [str(pk) for pk in ids], **counts(user)}


def group_of(job):
    return str(job.group_id) if job.group_id else None
