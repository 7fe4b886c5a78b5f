"""Place, expected start and length of waiting jobs, and the reasons why one cannot start."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from generation.models import Job
from generation.scheduling import estimates, workers_report
from generation.watching import progress
from tests.factories import JobFactory, ModelCardFactory, ModelVersionFactory, UserFactory

pytestmark = pytest.mark.django_db
SECONDS = {"queue": 0, "load": 0, "denoise": 9.0, "decode": 0.5, "upscale": 0, "save": 0.4}


@pytest.fixture
def version():
    return ModelVersionFactory()


@pytest.fixture
def worker(version):
    """A live worker with `version` loaded; call it to start more, or others."""

    def start(name="host-1-2", *, resident=(version.sha256,), bound=10**9, **more):
        held = [{"key": key, "bytes": 1, "family": "starter"} for key in resident]
        workers_report.publish(name, {"device": "cpu", "cache": {"max_bytes": bound, "resident": held}, **more})
        names.append(name)

    names = []
    yield start
    for name in names:
        workers_report.withdraw(name)


def measured(version, number=5, seconds=SECONDS, **fields):
    now = timezone.now()
    for job in JobFactory.create_batch(number, version=version, state="done", seconds=seconds, **fields):
        Job.objects.filter(pk=job.pk).update(finished_at=now)
    cache.clear()


def starts(*jobs):
    return [estimates.expected_start(job) for job in jobs]


def test_a_job_takes_as_long_as_the_last_ones_of_its_kind(version):
    measured(version)

    assert estimates.expected_seconds(JobFactory.build(version=version)) == pytest.approx(10.0)


def test_another_size_or_number_of_steps_is_scaled(version):
    measured(version)
    job = JobFactory.build(version=version, steps=8, count=2)

    # A step costs the same; what comes after the drawing does not depend on steps.
    assert estimates.expected_seconds(job) == pytest.approx(2 * (2 * 9.0 + 0.9) + 0.1)


def test_what_was_never_drawn_is_told_from_what_is_most_like_it(version):
    measured(version, 10, width=64, height=64, seconds=SECONDS | {"denoise": 4.0})
    measured(version, 1, width=256, height=256)
    job = JobFactory.build(version=version, width=512, height=512)

    assert estimates.expected_seconds(job) == pytest.approx(4 * 9.9 + 0.1)


def test_the_median_ignores_a_slow_outlier(version):
    measured(version, 4)
    measured(version, 1, SECONDS | {"denoise": 500})

    assert estimates.expected_seconds(JobFactory.build(version=version)) == pytest.approx(10.0)


def test_jobs_start_one_after_the_other(version, worker):
    measured(version)
    worker()
    jobs = JobFactory.create_batch(3, version=version, owner=UserFactory())

    assert starts(*jobs) == [pytest.approx(wait, abs=1) for wait in (0, 10, 20)]


def test_two_workers_share_the_queue(version, worker):
    measured(version)
    worker("host-1-2")
    worker("host-1-3")
    jobs = JobFactory.create_batch(4, version=version, owner=UserFactory())

    assert starts(*jobs) == [pytest.approx(wait, abs=1) for wait in (0, 0, 10, 10)]


def test_the_job_under_way_is_waited_for(version, worker):
    measured(version)
    worker()
    at_work(version, stage="denoising", drawn=2)

    assert starts(JobFactory(version=version)) == [pytest.approx(9 / 2 + 0.9 + 0.1, abs=0.5)]


def test_all_jobs_of_the_call_under_way_are_waited_for(version, worker):
    measured(version)
    worker()
    at_work(version, stage="denoising", drawn=2)
    at_work(version, stage="saving", drawn=4)

    assert starts(JobFactory(version=version)) == [pytest.approx(5.5 + 1, abs=0.5)]


def at_work(version, **fields):
    return JobFactory(version=version, state="running", worker="host-1-2", started_at=timezone.now(), **fields)


def test_a_model_that_must_be_loaded_takes_longer(version, worker):
    measured(version, seconds=SECONDS | {"load": 7.0})
    worker(resident=())
    jobs = JobFactory.create_batch(2, version=version, owner=UserFactory())

    assert starts(*jobs) == [pytest.approx(0, abs=1), pytest.approx(17, abs=1)]


def test_behind_a_job_of_unknown_length_nobody_promises_a_start(version, worker):
    worker()
    jobs = JobFactory.create_batch(2, version=version, owner=UserFactory())

    assert starts(*jobs) == [pytest.approx(0, abs=1), None]
    assert estimates.of(jobs[1]).place == 2


def test_without_a_worker_the_reason_says_so(version):
    job = JobFactory(version=version)
    state = progress.snapshot(job)

    assert (state["place"], state["expected_start"]) == (1, None)
    assert "No worker is running" in state["wait_reason"]


def test_a_model_too_large_for_every_worker_says_so(worker):
    card = ModelCardFactory(name="Giant")
    job = JobFactory(version=ModelVersionFactory(card=card, size=10**12))
    worker()
    state = progress.snapshot(job)

    assert state["expected_start"] is None
    assert "“Giant” is too large for every running worker" in state["wait_reason"]


def test_a_family_that_no_worker_draws_says_so(version, worker):
    job = JobFactory(version=ModelVersionFactory(card=ModelCardFactory(family="sdxl")))
    worker(families=["starter"])

    assert "family “sdxl”" in progress.snapshot(job)["wait_reason"]
    worker("host-9-9", families=["sdxl"])
    cache.clear()
    assert progress.snapshot(job)["wait_reason"] == ""


def test_what_can_run_has_a_start_and_no_reason(version, worker):
    measured(version)
    worker()
    state = progress.snapshot(JobFactory(version=version))

    assert state["expected_start"] > (timezone.now() - timedelta(seconds=5)).isoformat()
    assert (state["wait_reason"], state["expected_seconds"], state["kind"], state["held"]) == (
        "",
        10.0,
        "txt2img",
        False,
    )


def test_a_finished_job_expects_nothing(version):
    measured(version, 1)
    state = progress.snapshot(Job.objects.get())

    assert (state["place"], state["expected_start"], state["expected_seconds"]) == (None, None, None)


def test_the_forecast_of_a_long_queue_takes_as_many_queries_as_of_a_short_one(
    version, worker, django_assert_max_num_queries
):
    measured(version)
    worker()
    JobFactory.create_batch(30, version=version)

    with django_assert_max_num_queries(5):
        assert len(estimates.play_through()) == 30


def test_a_worker_that_has_not_reported_for_long_is_forgotten(worker, monkeypatch):
    worker()
    later = timezone.now() + timedelta(seconds=workers_report.KEEP_SECONDS + 1)
    monkeypatch.setattr(workers_report.timezone, "now", lambda: later)

    assert workers_report.live_workers() == []
