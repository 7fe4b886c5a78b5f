"""How long a job would take that nobody has asked for yet."""

import pytest

from generation.models import Job
from generation.scheduling import what_if, workers_report
from tests.factories import JobFactory, ModelVersionFactory, UserFactory
from tests.generation.test_estimates import measured

pytestmark = pytest.mark.django_db
FIELDS = {"width": 512, "height": 512, "count": 1, "steps": 20, "upscale": 1}


@pytest.fixture
def version():
    return ModelVersionFactory()


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture
def worker(version):
    """A live worker; call it with the keys of what it has loaded."""

    def start(*resident, **more):
        held = [{"key": key, "bytes": 1, "family": "starter"} for key in resident]
        workers_report.publish("host-1", {"device": "cpu", "cache": {"max_bytes": 10**9, "resident": held}, **more})

    yield start
    workers_report.withdraw("host-1")


def test_nothing_is_written_and_an_idle_worker_starts_at_once(owner, version, worker):
    worker(version.sha256)
    measured(version, **FIELDS)
    jobs = Job.objects.count()

    found = what_if.of(owner, version, FIELDS)

    assert found.wait == pytest.approx(0, abs=0.5)
    assert found.seconds == pytest.approx(10, abs=0.2)
    assert (found.reason, Job.objects.count()) == ("", jobs)


def test_four_pictures_take_four_times_as_long(owner, version, worker):
    worker(version.sha256)
    measured(version, **FIELDS)

    assert what_if.of(owner, version, FIELDS | {"count": 4}).seconds == pytest.approx(39.7, abs=0.2)


def test_ones_own_waiting_jobs_come_first(owner, version, worker):
    worker(version.sha256)
    measured(version, **FIELDS)
    JobFactory.create_batch(3, owner=owner, version=version, **FIELDS)

    assert what_if.of(owner, version, FIELDS).wait == pytest.approx(30, abs=1)


def test_many_jobs_of_another_user_push_nobody_back_by_more_than_their_turn(owner, version, worker):
    worker(version.sha256)
    measured(version, **FIELDS)
    JobFactory.create_batch(20, owner=UserFactory(), version=version, **FIELDS)

    assert what_if.of(owner, version, FIELDS).wait <= 11


def test_a_checkpoint_that_must_be_loaded_takes_longer(owner, version, worker):
    worker()
    measured(version, **FIELDS)
    loading = what_if.of(owner, version, FIELDS).seconds
    worker(version.sha256)

    assert loading > what_if.of(owner, version, FIELDS).seconds


def test_without_a_worker_the_reason_is_told(owner, version):
    found = what_if.of(owner, version, FIELDS)

    assert found.wait is None
    assert "No worker" in found.reason


def test_what_was_never_measured_is_not_guessed(owner, version, worker):
    worker(version.sha256)

    assert what_if.of(owner, version, FIELDS).seconds is None
