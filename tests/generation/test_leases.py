from datetime import timedelta

import pytest
from django.utils import timezone

from generation.models import Job
from generation.rendering import reaper
from generation.scheduling import leases, tickets
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db


def held(**fields):
    """A job that a worker holds."""
    job = JobFactory(**fields)
    return job, leases.claim(job.pk, "host-1-2")


def expire(job):
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize("state", ["running", "done", "failed", "cancelled"])
def test_only_a_queued_job_can_be_claimed(state):
    assert leases.claim(JobFactory(state=state).pk, "worker") is None


def test_a_claimed_job_cannot_be_claimed_again():
    job, _lease = held()

    assert leases.claim(job.pk, "other") is None


def test_an_old_token_changes_nothing():
    job, old = held()
    expire(job)
    reaper.reconcile()
    new = leases.claim(job.pk, "other")

    assert not old.renew(step=3)
    assert not old.give_back()
    assert new.renew(step=1)


def test_an_expired_lease_returns_the_job_and_a_ticket():
    job, _lease = held(attempts=0)
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    expire(job)

    assert reaper.reconcile() == (1, 0, 1)

    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.QUEUED, 1)
    assert tickets.waiting() == 1


def test_a_job_that_always_kills_its_worker_fails_after_three_attempts():
    job = JobFactory()
    for _attempt in range(3):
        leases.claim(job.pk, "worker")
        expire(job)
        reaper.reconcile()

    job.refresh_from_db()
    assert (job.state, job.error_code, job.attempts) == (Job.State.FAILED, "worker_lost", 3)
    assert "3 times" in job.failure


def test_a_lease_that_is_renewed_does_not_expire():
    job, lease = held()
    expire(job)

    assert lease.renew(step=2)
    assert reaper.reconcile()[0] == 0


def test_the_jobs_of_a_dead_worker_return_at_once():
    job, _lease = held()
    other = JobFactory()
    leases.claim(other.pk, "host-1-3")

    reaper.release("host-1-2")

    job.refresh_from_db()
    other.refresh_from_db()
    assert (job.state, other.state) == (Job.State.QUEUED, Job.State.RUNNING)


def test_lost_tickets_are_issued_again_once():
    JobFactory.create_batch(3)
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=1))

    assert reaper.reissue_tickets() == 3
    assert reaper.reissue_tickets() == 0


def test_the_heartbeat_keeps_a_silent_job(settings, transactional_db):
    settings.JOB_LEASE_SECONDS = 0.4
    job, lease = held()
    expire(job)

    with leases.Heartbeat(lease) as heart:
        heart.renew()

    job.refresh_from_db()
    assert job.lease_until > timezone.now() - timedelta(seconds=1)
