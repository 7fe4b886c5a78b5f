"""Holding, releasing and moving one's waiting jobs."""

import pytest
from django.contrib.auth.models import Permission

from generation import services
from generation.models import Job
from generation.scheduling import leases, quotas, scheduler, tickets
from generation.watching import progress
from tests.factories import JobFactory, UserFactory
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture
def mine(owner):
    """Four waiting jobs of one owner, in this order."""
    first = JobFactory(owner=owner, position=10)
    return [first, *(JobFactory(owner=owner, version=first.version, position=10 * n) for n in (2, 3, 4))]


def order():
    return [one.id for one in scheduler.waiting_order()]


def ids(jobs, places):
    return [jobs[place].pk for place in places]


def test_a_held_job_is_never_taken(mine, owner):
    for job in mine:
        services.hold_job(job=job, by=owner)

    assert leases.claim_next("worker") is None
    assert leases.claim(mine[0].pk, "worker") is None


def test_a_released_job_has_its_old_place_and_a_ticket(mine, owner, django_capture_on_commit_callbacks):
    services.hold_job(job=mine[0], by=owner)
    assert order() == ids(mine, [1, 2, 3])

    with django_capture_on_commit_callbacks(execute=True):
        services.release_job(job=mine[0], by=owner)

    assert order() == ids(mine, [0, 1, 2, 3])
    assert tickets.waiting() == 1


def test_a_held_job_counts_for_the_quota_and_says_so(mine, owner):
    services.hold_job(job=mine[0], by=owner)
    mine[0].refresh_from_db()

    assert quotas.rules(owner)[0].used == 4
    state = progress.snapshot(mine[0])
    assert (state["held"], state["state"], state["place"]) == (True, "held", None)


@pytest.mark.parametrize("state", ["running", "done", "failed", "cancelled", "held"])
def test_only_a_waiting_job_can_be_held(owner, state):
    job = JobFactory(owner=owner, state=state)

    with pytest.raises(DomainError) as refusal:
        services.hold_job(job=job, by=owner)

    assert refusal.value.status == 409


def test_only_a_held_job_can_be_released(mine, owner):
    with pytest.raises(DomainError, match="not on hold"):
        services.release_job(job=mine[0], by=owner)


@pytest.mark.parametrize(
    ("moved", "before", "expected"),
    [(3, 0, [3, 0, 1, 2]), (0, 3, [1, 2, 0, 3]), (1, None, [0, 2, 3, 1]), (2, 1, [0, 2, 1, 3]), (0, 1, [0, 1, 2, 3])],
)
def test_a_job_is_put_before_another(mine, owner, moved, before, expected):
    services.move_job(job=mine[moved], before=None if before is None else mine[before], by=owner)

    assert order() == ids(mine, expected)


def test_moving_uses_the_owners_own_places(mine, owner):
    other = JobFactory(version=mine[0].version, position=25)

    services.move_job(job=mine[3], before=mine[0], by=owner)

    assert sorted(Job.objects.filter(owner=owner).values_list("position", flat=True)) == [10, 20, 30, 40]
    other.refresh_from_db()
    assert other.position == 25


def test_jobs_of_the_same_place_can_be_moved(mine, owner):
    Job.objects.update(position=0)

    services.move_job(job=mine[3], before=mine[0], by=owner)

    assert order() == ids(mine, [3, 0, 1, 2])


def test_a_held_job_can_be_moved(mine, owner):
    services.hold_job(job=mine[3], by=owner)
    services.move_job(job=mine[3], before=mine[0], by=owner)
    services.release_job(job=mine[3], by=owner)

    assert order() == ids(mine, [3, 0, 1, 2])


def test_what_has_begun_is_not_moved_nor_put_before(mine, owner):
    leases.claim(mine[0].pk, "worker")

    other = JobFactory(version=mine[0].version)
    for job, before in ((mine[0], mine[1]), (mine[1], mine[0]), (mine[1], mine[1]), (mine[1], other)):
        with pytest.raises(DomainError):
            services.move_job(job=job, before=before, by=owner)

    assert [one for one in order() if one != other.pk] == ids(mine, [1, 2, 3])


DEEDS = [services.hold_job, services.release_job, services.move_job]


@pytest.mark.parametrize("deed", DEEDS)
def test_nobody_arranges_another_users_jobs(mine, deed):
    for stranger in (UserFactory(), UserFactory(is_staff=True)):
        with pytest.raises(DomainError, match="somebody else") as refusal:
            deed(job=mine[0], by=stranger)
        assert refusal.value.status == 403


def test_staff_with_the_right_to_jobs_may(mine):
    staff = UserFactory(is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="change_job"))

    services.hold_job(job=mine[0], by=staff)
    services.release_job(job=mine[0], by=staff)
    services.move_job(job=mine[0], by=staff)

    assert order() == ids(mine, [1, 2, 3, 0])
