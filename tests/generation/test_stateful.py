"""Anything that users, workers, crashes and clocks may do to jobs, in any order, with real rows.

Rules checked after every act: only legal states, the token of a running job is the one that was given last, an old
token changes nothing, no job is lost, no picture comes twice, places stay apart.
"""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from generation import services
from generation.models import Job, Result
from generation.rendering import finishing, reaper, resident
from generation.scheduling import batching, leases
from tests.factories import JobFactory, ModelVersionFactory, PictureFactory, UserFactory
from visionary.common.exceptions import DomainError

WORKERS = st.sampled_from(["w-1", "w-2", "w-3"])
# What may become of a state by one act.
LEGAL = {
    "queued": {"queued", "held", "running", "cancelled"},
    "held": {"held", "queued", "cancelled"},
    "running": {"running", "queued", "done", "failed", "cancelled"},
    "done": {"done"},
    "failed": {"failed", "queued"},
    "cancelled": {"cancelled", "queued"},
}


# Without shrinking: every act writes rows, and making a failure shorter would take longer than reading it.
HOW = settings(
    max_examples=30,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)


def store(lease):
    """As finishing.finish_job ends, without drawing: the state and what is missing in one transaction."""
    with transaction.atomic():
        if not lease.rows().update(**finishing.DONE, finished_at=timezone.now()):
            raise finishing.LeaseLost
        job = Job.objects.get(pk=lease.job_id)
        for index in missing(job):
            put(job, index)


def store_one(lease, index):
    """As storing.Pictures.store does: one picture, while the lease holds."""
    with transaction.atomic():
        if not lease.renew(stage="saving"):
            raise finishing.LeaseLost
        put(Job.objects.get(pk=lease.job_id), index)


def put(job, index):
    picture = PictureFactory(id=job.picture_id(index), owner=job.owner)
    Result.objects.create(job=job, index=index, picture=picture)


def missing(job):
    return sorted(set(range(job.count)) - set(job.results.values_list("index", flat=True)))


class Jobs(RuleBasedStateMachine):
    """The users' acts and the workers' acts against the database."""

    jobs, tokens = Bundle("jobs"), Bundle("leases")

    def __init__(self):
        super().__init__()
        self.owners = [UserFactory(), UserFactory()]
        self.version = ModelVersionFactory()
        self.given = {}  # job id -> the token given last
        self.states = {}  # job id -> state after the last act
        self.stored = {}  # job id -> numbers of its pictures after the last act

    @rule(
        target=jobs, owner=st.integers(0, 1), bulk=st.booleans(), alike=st.booleans(), count=st.sampled_from([1, 1, 3])
    )
    def submit(self, owner, bulk, alike, count):
        fields = {"is_bulk": bulk, "position": len(self.states), "count": count}
        job = JobFactory.build(owner=self.owners[owner], version=self.version, **fields)
        job.batch_key = batching.key(job) if alike else ""
        job.save()
        self.states[job.pk] = "queued"
        return job.pk

    @rule(target=tokens, worker=WORKERS, pixels=st.sampled_from([0, batching.CPU_PIXELS]))
    def claim(self, worker, pixels):
        taken = leases.claim_batch(worker, pixels=pixels)
        assert taken or not Job.objects.queued().exists(), "a waiting job was passed over"
        for lease in taken:
            assert self.states[lease.job_id] == "queued"
            self.given[lease.job_id] = lease.token
        return taken

    @rule(held=tokens, step=st.integers(0, 20))
    def step(self, held, step):
        for lease in held:
            assert lease.renew(step=step, stage="denoising", drawn=step) == self.holds(lease)

    @rule(held=tokens)
    def store_a_picture(self, held):
        for lease in held:
            left = missing(Job.objects.get(pk=lease.job_id))
            if left and not self.holds(lease):
                with pytest.raises(finishing.LeaseLost):
                    store_one(lease, left[0])
            elif left:
                store_one(lease, left[0])

    @rule(held=tokens)
    def store_a_picture_twice(self, held):
        for lease in held:
            there = Result.objects.filter(job=lease.job_id).first()
            if there and self.holds(lease):
                with pytest.raises(IntegrityError):
                    store_one(lease, there.index)

    @rule(held=consumes(tokens))
    def finish(self, held):
        for lease in held:
            if self.holds(lease):
                store(lease)
            else:
                with pytest.raises(finishing.LeaseLost):
                    store(lease)

    @rule(held=tokens)
    def finish_and_forget_that_it_is_over(self, held):
        for lease in held:
            if self.holds(lease):
                store(lease)
            with pytest.raises((finishing.LeaseLost, IntegrityError)):
                store(lease)

    @rule(held=tokens)
    def fail(self, held):
        for lease in held:
            mine = self.holds(lease)
            assert finishing.fail_job(lease, "internal", finishing.INTERNAL) == mine

    @rule(held=tokens)
    def stop_orderly(self, held):
        for lease in held:
            mine = self.holds(lease)
            assert lease.give_back() == mine

    @rule(worker=WORKERS)
    def kill(self, worker):
        reaper.release(worker)
        assert not Job.objects.running().filter(worker=worker).exists()

    @rule(job=jobs)
    def expire(self, job):
        Job.objects.running().filter(pk=job).update(lease_until=timezone.now() - timedelta(seconds=1))
        reaper.reconcile()
        assert not Job.objects.expired().exists()

    @rule(job=jobs, deed=st.sampled_from(["cancel_job", "hold_job", "release_job", "retry_job"]))
    def owner_acts(self, job, deed):
        row = Job.objects.get(pk=job)
        allowed = {
            "cancel_job": {"queued", "held", "running"},
            "hold_job": {"queued"},
            "release_job": {"held"},
            "retry_job": {"failed", "cancelled"},
        }[deed]
        if row.state in allowed:
            getattr(services, deed)(job=row, by=row.owner)
        else:
            with pytest.raises(DomainError):
                getattr(services, deed)(job=row, by=row.owner)

    @rule(job=jobs, other=jobs)
    def move(self, job, other):
        row, before = Job.objects.get(pk=job), Job.objects.get(pk=other)
        waiting = {"queued", "held"}
        if row.owner_id == before.owner_id and row != before and {row.state, before.state} <= waiting:
            services.move_job(job=row, before=before, by=row.owner)
            row.refresh_from_db()
            before.refresh_from_db()
            assert row.position < before.position
        else:
            with pytest.raises(DomainError):
                services.move_job(job=row, before=before, by=row.owner)

    def holds(self, lease):
        return Job.objects.held_by(lease.token).filter(pk=lease.job_id).exists()

    @invariant()
    def every_change_was_legal(self):
        rows = {row.pk: row for row in Job.objects.all()}
        assert set(rows) == set(self.states), "a job was lost or made up"
        for pk, row in rows.items():
            assert row.state in LEGAL[self.states[pk]]
            self.states[pk] = row.state

    @invariant()
    def only_the_latest_token_holds_a_job(self):
        for row in Job.objects.all():
            running = row.state == "running"
            assert (row.lease_token is not None) == running
            assert not running or row.lease_token == self.given[row.pk]
            assert row.attempts <= 3

    @invariant()
    def a_done_job_has_all_its_pictures_and_none_is_ever_lost(self):
        for row in Job.objects.prefetch_related("results"):
            indexes = [result.index for result in row.results.all()]
            assert indexes == sorted(set(indexes))
            assert set(indexes) <= set(range(row.count))
            assert row.state != "done" or len(indexes) == row.count
            assert self.stored.get(row.pk, set()) <= set(indexes), "a stored picture was lost"
            self.stored[row.pk] = set(indexes)

    @invariant()
    def what_waits_has_nothing_drawn_and_what_runs_no_more_than_was_asked(self):
        for row in Job.objects.all():
            assert row.drawn == 0 or row.state not in {"queued", "held"}
            assert row.begun_with <= len(self.stored.get(row.pk, ()))

    @invariant()
    def each_job_has_a_place_of_its_own(self):
        for owner in self.owners:
            places = Job.objects.filter(owner=owner, state__in=["queued", "held"]).values_list("position", flat=True)
            assert len(set(places)) == len(places)


class Rollback(Jobs):
    """Each run in a transaction that is undone, so that runs do not see each other's rows."""

    def __init__(self):
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        resident.resume()
        super().__init__()

    def teardown(self):
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)


@pytest.mark.django_db
def test_no_order_of_acts_loses_doubles_or_breaks_a_job(settings):
    settings.MAX_ACTIVE_JOBS = settings.MAX_BULK_JOBS = settings.MAX_JOBS_PER_DAY = settings.MAX_WORK_PER_DAY = 0
    run_state_machine_as_test(Rollback, settings=HOW)
