"""Sets right what crashes leave behind: jobs without a worker, jobs without a ticket."""

import logging
from datetime import timedelta

from django.utils import timezone
from redis.exceptions import RedisError

from generation import leases, progress, tickets
from generation.models import Job

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
    """Make sure that there is a ticket for every waiting job: Redis may have been emptied."""
    waiting = Job.objects.queued().filter(created_at__lt=timezone.now() - TICKET_GRACE).count()
    try:
        missing = waiting - tickets.waiting() if waiting else 0
    except RedisError:
        return 0
    if missing > 0:
        tickets.issue(missing)
    return max(missing, 0)
