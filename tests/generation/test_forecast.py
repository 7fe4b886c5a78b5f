"""The forecast against what then happens, with real rows; and what it never does, whatever the queue."""

import random
import uuid

import pytest
from django.core.cache import cache
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from generation.models import Job
from generation.scheduling import batching, estimates, leases, speeds, workers_report
from generation.scheduling.capabilities import Capabilities, Needs
from generation.scheduling.scheduler import Waiting
from generation.scheduling.speeds import Kind, Parts, Speed
from tests.factories import JobFactory, ModelVersionFactory, UserFactory

SIZES = [(64, 64), (128, 128), (192, 128)]


def seconds_of(job):
    """What a picture truly takes in this play, give or take a tenth."""
    even = 0.2 + job.width * job.height * job.steps * job.count * 2e-5
    return even * random.uniform(0.9, 1.1)


def history(version):
    for width, height in SIZES:
        for job in JobFactory.create_batch(4, version=version, state="done", width=width, height=height, steps=10):
            took = {"load": 0.01, "denoise": seconds_of(job), "decode": 0, "upscale": 0, "save": 0}
            Job.objects.filter(pk=job.pk).update(seconds=took, finished_at=timezone.now())
    cache.clear()


def under_load(version, users=4, each=6):
    owners = UserFactory.create_batch(users)
    for number in range(users * each):
        width, height = random.choice(SIZES)
        fields = {"owner": owners[number % users], "width": width, "height": height, "steps": 10}
        job = JobFactory.build(version=version, position=number, **fields)
        job.batch_key = batching.key(job)
        job.save()


def report(name, key):
    held = [{"key": key, "bytes": 1, "family": "starter"}]
    workers_report.publish(name, {"device": "cpu", "cache": {"max_bytes": 10**9, "resident": held}})


def play_for_real(workers, pixels):
    """{job id: seconds until it started}: workers claim as they do; only the drawing is a number."""
    free, started = dict.fromkeys(workers, 0.0), {}
    while Job.objects.queued().exists():
        worker = min(free, key=free.get)
        taken = leases.claim_batch(worker, pixels=pixels)
        rows = Job.objects.in_bulk([lease.job_id for lease in taken])
        started |= dict.fromkeys(rows, free[worker])
        free[worker] += sum(seconds_of(job) + speeds.AROUND for job in rows.values())
        Job.objects.filter(pk__in=rows).update(state="done", lease_token=None, finished_at=timezone.now())
    return started


@pytest.mark.django_db
@pytest.mark.parametrize("crew", [("host-1-2",), ("host-1-2", "host-1-3")])
def test_under_load_jobs_start_when_it_was_foretold(crew):
    random.seed(3)
    version = ModelVersionFactory()
    history(version)
    for name in crew:
        report(name, version.sha256)
    under_load(version)

    now = timezone.now().timestamp()
    told = {uuid.UUID(key): start - now for key, (_place, start, _seconds) in estimates.play_through().items()}
    came = play_for_real(crew, batching.CPU_PIXELS)

    errors = [told[job] - came[job] for job in came]
    length = max(came.values())
    assert abs(sum(errors) / len(errors)) < 0.1 * length, "too high or too low on the whole"
    assert sorted(map(abs, errors))[len(errors) // 2] < 0.15 * length
    for name in crew:
        workers_report.withdraw(name)


NEEDS = [Needs(f"m{number}", 10**8, "starter", f"m{number}") for number in range(3)]
KNOWN = {
    number: Speed({Kind(128 * 128, 20, 1).key: (Kind(128 * 128, 20, 1), Parts(2.0, 0.2, 0.0))}) for number in (0, 1)
}
KNOWN[2] = Speed()  # never drawn with


@st.composite
def waiting(draw):
    model, owner = draw(st.integers(0, 2)), draw(st.sampled_from("abc"))
    key = draw(st.sampled_from(["", "x", "y"]))
    name, count = uuid.UUID(int=draw(st.integers(0, 2**64))), draw(st.integers(1, 4))
    size = (128, 128, count, 20, 1)
    return Waiting(
        name, owner, model, draw(st.booleans()), timezone.now(), *size, NEEDS[model], key and key + str(model)
    )


@st.composite
def crew_of(draw):
    """(Capabilities, seconds until it is free) of some workers."""
    loaded = st.frozensets(st.sampled_from([one.key for one in NEEDS]))
    return [
        (Capabilities(name=str(number), resident=draw(loaded), pixels=draw(st.sampled_from([0, 8 * 128 * 128]))), free)
        for number, free in enumerate(draw(st.lists(st.floats(0, 60), min_size=1, max_size=3)))
    ]


def waits(queue, crew, now=0.0):
    """{id: seconds until its start} when workers that are busy get on as the clock does."""
    hands = [estimates.Hand(worker, max(free, now)) for worker, free in crew]
    return {job: start - now for job, start in estimates.play(queue, hands, KNOWN).items()}


QUEUES = st.lists(waiting(), min_size=1, max_size=25, unique_by=lambda entry: entry.id)


@given(QUEUES, crew_of(), st.floats(0.1, 60))
def test_while_all_work_goes_on_every_wait_shrinks_by_the_time_that_passes(queue, crew, later):
    busy = [(worker, free + later) for worker, free in crew]
    before, after = waits(queue, busy), waits(queue, busy, now=later)

    assert after.keys() == before.keys()
    assert all(after[job] == pytest.approx(before[job] - later, abs=1e-6) for job in before)


@given(QUEUES, crew_of(), st.floats(0.1, 60))
def test_a_worker_that_is_late_never_sets_a_wait_back(queue, crew, later):
    before, after = waits(queue, crew[:1]), waits(queue, crew[:1], now=later)

    assert all(after[job] <= before[job] + 1e-6 for job in before)


@given(QUEUES, crew_of())
def test_nobody_waits_for_a_worker_that_is_idle(queue, crew):
    idle = [(worker, 0.0) for worker, _free in crew]

    told = waits(queue, idle)

    assert told[queue[0].id] == 0
    assert sum(wait == 0 for wait in told.values()) >= min(len(idle), len(queue))


@given(QUEUES, crew_of(), st.integers(0, 2))
def test_a_worker_that_is_free_sooner_delays_nobody_at_the_head(queue, crew, chosen):
    sooner = [(worker, free / 2 if number == chosen else free) for number, (worker, free) in enumerate(crew)]

    assert waits(queue, sooner)[queue[0].id] <= waits(queue, crew)[queue[0].id]


@given(QUEUES, crew_of())
def test_no_job_is_played_twice_or_forgotten_while_speeds_are_known(queue, crew):
    known = [entry for entry in queue if entry.version != 2]
    if known:
        assert set(waits(known, crew)) == {entry.id for entry in known}
