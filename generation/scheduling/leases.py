"""Leases: which worker holds which job, for how long, and what becomes of a job whose worker is gone.

Every write of a worker is one conditional UPDATE that names its token. A worker that was thought dead and
comes back holds an old token, so it can change nothing.
"""

import logging
import threading
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from generation.models import Job
from generation.scheduling import batching, scheduler, speeds
from generation.scheduling.capabilities import Capabilities

logger = logging.getLogger(__name__)

# How many of the next jobs a worker tries before it takes another ticket: others may claim the first ones.
CANDIDATES = 10
LOST_WORKER = gettext_noop("The worker stopped %(attempts)d times while drawing this picture. Try a smaller size.")


@dataclass(frozen=True)
class Lease:
    """The right to write to one job, until it runs out or is taken away."""

    job_id: uuid.UUID
    token: uuid.UUID

    def renew(self, **progress):
        """Extend the lease and note `progress` (stage, step). False: the job is no longer ours."""
        return bool(self.rows().update(lease_until=deadline(), **progress))

    def rows(self):
        return Job.objects.held_by(self.token).filter(pk=self.job_id)

    def give_back(self):
        """Return the job to the queue; an orderly stop is not the job's fault, so the attempt does not count."""
        return bool(self.rows().update(**BACK_IN_THE_QUEUE, attempts=F("attempts") - 1))


BACK_IN_THE_QUEUE = {
    "state": Job.State.QUEUED,
    "stage": Job.Stage.QUEUED,
    "step": 0,
    # What is lost with a worker costs nobody anything.
    "drawn": 0,
    "lease_token": None,
    "lease_until": None,
    "worker": "",
}


def deadline():
    return timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def claim_next(worker, capabilities=None):
    """Take the next job for `worker` and return its Lease, or None when nothing waits that it can run."""
    leases = claim_batch(worker, capabilities)
    return leases[0] if leases else None


def claim_batch(worker, capabilities=None, *, pixels=0):
    """Take the next job that `worker` can run, and what can be drawn in one call with it; returns their Leases.

    pixels: the most that one call may draw; with 0 the job is taken alone. A batch is never waited for.
    """
    capabilities = capabilities or Capabilities(worker)
    resident = capabilities.resident or None
    order = list(scheduler.waiting_order(resident=resident, capabilities=capabilities, heads=CANDIDATES))
    for entry in order[:CANDIDATES]:
        if lease := claim(entry.id, worker):
            return [lease, *(claim_companions(entry, order, worker, pixels) if len(order) > 1 else ())]
    return []


def claim_companions(first, order, worker, pixels):
    """What is drawn in one call with `first`. While others wait as well, it holds no more than a fair share of one
    user, and it is short: whoever comes next waits for its end."""
    if settings.BATCH_JOBS < 2 or pixels <= first.pixels:
        return []
    key, attempts = Job.objects.values_list("batch_key", "attempts").get(pk=first.id)
    # What a worker has died of is drawn alone, so that it cannot use up the attempts of others' jobs.
    if not key or attempts > 1:
        return []
    others = scheduler.companions(first, key, settings.BATCH_JOBS - 1)
    share = batching.fair_share(len(scheduler.rivals(first, order)))
    takes = speeds.of_versions([first.version])[first.version].seconds if others else None
    chosen = batching.fill(first, others, pixels=pixels, share=share, takes=takes)
    return [lease for entry in chosen if (lease := claim(entry.id, worker))]


def claim(job_id, worker):
    """Take a queued job. The test and the write are one UPDATE: two workers cannot both win."""
    token = uuid.uuid4()
    now = timezone.now()
    won = (
        Job.objects.queued()
        .filter(pk=job_id)
        .update(
            state=Job.State.RUNNING,
            stage=Job.Stage.LOADING,
            worker=worker,
            lease_token=token,
            lease_until=deadline(),
            attempts=F("attempts") + 1,
            started_at=now,
        )
    )
    return Lease(job_id, token) if won else None


def recover(lost):
    """Send the jobs of `lost` (a Job queryset of running jobs) back to the queue, or fail them after the last attempt.

    Returns (ids back in the queue, ids failed).
    """
    back, failed = [], []
    for job_id, token, attempts in lost.values_list("id", "lease_token", "attempts"):
        # The token again: the worker may have come back, or another reaper been faster.
        rows = lost.filter(pk=job_id, lease_token=token)
        if attempts < settings.JOB_MAX_ATTEMPTS:
            back += [job_id] * rows.update(**BACK_IN_THE_QUEUE)
        else:
            failed += [job_id] * rows.update(**failure("worker_lost", LOST_WORKER, attempts=attempts))
    return back, failed


def failure(code, sentence, **params):
    """The columns of a failed job. `sentence` is a message id with %(name)s places for `params`."""
    return {
        "state": Job.State.FAILED,
        "error_code": code,
        "error_message": sentence,
        "error_params": params,
        "finished_at": timezone.now(),
        "lease_token": None,
        "lease_until": None,
    }


class Heartbeat:
    """Renews leases from a thread while a stage is silent: reading gigabytes of weights takes longer than a lease."""

    def __init__(self, *leases):
        self.leases = {lease.job_id: lease for lease in leases}
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.beat, daemon=True, name="lease")

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_exception):
        self.over.set()
        self.thread.join()

    def beat(self):
        try:
            while not self.over.wait(settings.JOB_LEASE_SECONDS / 4):
                self.renew()
        finally:
            connection.close()

    def renew(self):
        """Extend all of them with one UPDATE, each only while its token holds."""
        tokens = [lease.token for lease in self.leases.values()]
        try:
            Job.objects.running().filter(pk__in=list(self.leases), lease_token__in=tokens).update(
                lease_until=deadline()
            )
        except DatabaseError:
            # The next beat, or the reaper, settles it.
            logger.exception("the leases of jobs %s could not be renewed", ", ".join(map(str, self.leases)))
