"""Sets right what crashes leave behind: jobs without a worker, jobs without a ticket."""

import logging
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone
from redis.exceptions import RedisError

from generation.models import Job
from generation.scheduling import capabilities, leases, tickets
from generation.watching import progress

logger = logging.getLogger(__name__)

# A job this young surely still has the ticket of its submission.
TICKET_GRACE = timedelta(seconds=5)


def reconcile():
    """One round. Returns (jobs back in the queue, jobs failed, tickets issued)."""
    back, failed = settle(Job.objects.expired())
    return len(back), len(failed), reissue_tickets()


def release(worker):
    """Take back at once what a dead worker held, without waiting for its lease to run out."""
    back, failed = settle(Job.objects.running().filter(worker=worker))
    tickets.issue(len(back))
    return back, failed


def settle(lost):
    back, failed = leases.recover(lost)
    for job in Job.objects.filter(pk__in=[*back, *failed]):
        logger.warning("job %s lost its worker (attempt %d): now %s", job.pk, job.attempts, job.state)
        progress.announce(job)
    return back, failed


def reissue_tickets():
    """Make sure that there is a ticket for every waiting job that a worker can run: Redis may have been emptied."""
    waiting = runnable(Job.objects.queued().filter(created_at__lt=timezone.now() - TICKET_GRACE))
    try:
        missing = waiting - tickets.waiting() if waiting else 0
    except RedisError:
        return 0
    if missing > 0:
        tickets.issue(missing)
    return max(missing, 0)


def runnable(jobs):
    """How many of `jobs` some live worker can run; all of them while no worker has reported yet."""
    needs = ("version__sha256", "version__size", "version__card__family", "version__card__name")
    counted = list(jobs.order_by().values_list(*needs).annotate(Count("id")))
    workers = capabilities.live() if counted else []
    return sum(
        number
        for *needed, number in counted
        if not workers or any(worker.can_run(capabilities.Needs(*needed)) for worker in workers)
    )
