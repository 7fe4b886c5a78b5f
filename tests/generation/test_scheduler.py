"""The order of the queue, as pure functions and as it is read."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from generation.models import Job
from generation.scheduling import scheduler
from generation.scheduling.capabilities import Capabilities, Needs
from generation.scheduling.scheduler import Patience, Starts, Waiting, fair_order, in_order
from tests.factories import JobFactory, ModelCardFactory, ModelVersionFactory, UserFactory

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE = Patience(bulk=timedelta(seconds=600), resident=timedelta(seconds=15))


def entry(name, owner, *, age=1.0, bulk=False, model="m"):
    """A waiting job of `owner` for checkpoint `model`, asked for `age` seconds ago."""
    needs = Needs(key=model, size=100, family="starter", name=model)
    created = NOW - timedelta(seconds=age)
    return Waiting(name, owner, model, bulk, created, 128, 128, 1, 20, 1, needs)


def jobs(*owners):
    """Waiting jobs from old to young, named owner + number."""
    return [entry(f"{owner}{number}", owner, age=100 - number) for number, owner in enumerate(owners)]


def names(order):
    return [one.id for one in order]


def order(waiting, starts=None, **more):
    return names(in_order(waiting, starts or Starts(), NOW, PATIENCE, **more))


def test_users_take_turns():
    assert names(fair_order(jobs("a", "a", "a", "b"), {})) == ["a0", "b3", "a1", "a2"]


def test_who_was_served_longest_ago_comes_first():
    starts = {"a": NOW, "b": NOW - timedelta(hours=1)}

    assert names(fair_order(jobs("a", "b"), starts)) == ["b1", "a0"]


def test_a_newcomer_comes_before_everybody_who_was_served():
    assert names(fair_order(jobs("a", "a", "new"), {"a": NOW}))[0] == "new2"


def test_bulk_waits_behind_people():
    assert order([entry("grid", "a", bulk=True, age=60), entry("one", "b")]) == ["one", "grid"]


def test_bulk_that_waited_long_enough_takes_its_turn():
    assert order([entry("grid", "a", bulk=True, age=601), entry("one", "b")]) == ["grid", "one"]


def test_a_loaded_checkpoint_goes_first():
    waiting = [entry("cold", "a", age=10, model="cold"), entry("warm", "b")]

    assert order(waiting, resident={"m"}) == ["warm", "cold"]


def test_a_job_that_waited_for_loading_long_enough_takes_its_turn():
    waiting = [entry("cold", "a", age=16, model="cold"), entry("warm", "b")]

    assert order(waiting, resident={"m"}) == ["cold", "warm"]


def test_two_models_in_demand_are_drawn_with_in_turns_of_some_length():
    """Both have waited for an hour; the one that has just been drawn with is not put back at every picture."""
    waiting = [entry("cold", "a", age=3600, model="cold"), entry("warm", "b", age=3000)]

    assert order(waiting, Starts({}, {"cold": NOW - timedelta(seconds=5)}), resident={"m"}) == ["warm", "cold"]
    assert order(waiting, Starts({}, {"cold": NOW - timedelta(seconds=16)}), resident={"m"}) == ["cold", "warm"]


def test_what_a_worker_cannot_run_is_left_to_others():
    waiting = [entry("large", "a", model="large"), entry("small", "b", model="small")]

    assert order(waiting, can_run=lambda needs: needs.key == "small") == ["small"]


@pytest.mark.parametrize(
    ("able", "fits"),
    [
        (Capabilities(bound=100), True),
        (Capabilities(bound=99), False),
        (Capabilities(bound=99, device="cuda:0"), True),
        (Capabilities(bound=None), True),
        (Capabilities(families=frozenset({"sdxl"})), False),
        (Capabilities(families=frozenset({"starter"})), True),
        (Capabilities(refused=frozenset({"k"})), False),
    ],
)
def test_a_worker_runs_what_fits_its_memory_and_families(able, fits):
    assert able.can_run(Needs("k", 100, "starter", "Model")) is fits


@st.composite
def queues(draw):
    """Any queue: owners, classes, models, ages; each owner's jobs in their own order."""
    kinds = st.tuples(st.sampled_from("abcd"), st.booleans(), st.sampled_from("xyz"), st.integers(0, 2000))
    rows = draw(st.lists(kinds, max_size=40))
    return [entry(n, owner, bulk=bulk, model=model, age=age) for n, (owner, bulk, model, age) in enumerate(rows)]


@given(queues(), st.sets(st.sampled_from("xyz")))
def test_every_job_has_one_place(waiting, resident):
    assert sorted(order(waiting, resident=resident)) == sorted(names(waiting))


@given(queues())
def test_each_user_keeps_their_own_order_within_a_class(waiting):
    found = order(waiting)

    for owner in "abcd":
        for late in (False, True):
            mine = [one.id for one in waiting if one.owner == owner and scheduler.gives_way(one, NOW, PATIENCE) is late]
            assert [name for name in found if name in mine] == mine


@given(queues())
def test_nobody_waits_longer_than_one_turn_of_each_user(waiting):
    """The k-th job of a user has at most k jobs of any other user before it, among those that go by fair order."""
    waiting = [one._replace(is_bulk=False) for one in waiting]
    found = list(in_order(waiting, Starts(), NOW, PATIENCE))

    for place, one in enumerate(found):
        turn = sum(other.owner == one.owner for other in found[:place]) + 1
        for owner in "abcd":
            assert sum(other.owner == owner for other in found[:place]) <= turn


@given(queues(), st.sets(st.sampled_from("xyz")))
def test_who_has_waited_out_every_bound_goes_by_fair_order(waiting, resident):
    old = [one._replace(created_at=NOW - timedelta(seconds=3000 - one.id)) for one in waiting]

    assert order(old, resident=resident) == names(fair_order(old, {}))


@pytest.mark.django_db
def test_the_owners_position_decides_within_their_jobs():
    owner = UserFactory()
    second, first = JobFactory(owner=owner, position=2), JobFactory(owner=owner, position=1)

    assert names(scheduler.waiting_order()) == [first.pk, second.pk]


@pytest.mark.django_db
@pytest.mark.parametrize("heads", [None, 10])
def test_reading_a_queue_takes_three_queries_however_long_it_is(heads, django_assert_num_queries):
    version, owners = ModelVersionFactory(), UserFactory.create_batch(3)
    rows = JobFactory.build_batch(60, version=version, owner=owners[0])
    for number, row in enumerate(rows):
        row.owner, row.position = owners[number % 3], number
    Job.objects.bulk_create(rows)

    with django_assert_num_queries(3):
        found = list(scheduler.waiting_order(resident={"x"}, capabilities=Capabilities(), heads=heads))

    assert len(found) == (30 if heads else 60)
    assert {one.owner for one in found[:3]} == {owner.pk for owner in owners}


@pytest.mark.django_db
def test_the_latest_starts_decide_between_users():
    version, now = ModelVersionFactory(), timezone.now()
    served, patient = UserFactory(), UserFactory()
    for owner, ago in ((served, 1), (patient, 2)):
        JobFactory(owner=owner, version=version, state=Job.State.DONE, started_at=now - timedelta(minutes=ago))
    for owner in (served, patient):
        JobFactory(owner=owner, version=version)

    assert [one.owner for one in scheduler.waiting_order()] == [patient.pk, served.pk]


@pytest.mark.django_db
def test_held_jobs_are_not_in_the_order():
    JobFactory(state=Job.State.HELD)

    assert not list(scheduler.waiting_order())


@pytest.mark.django_db
def test_the_family_of_a_checkpoint_decides_who_can_run_it():
    JobFactory(version=ModelVersionFactory(card=ModelCardFactory(family="sdxl")))

    assert not list(scheduler.waiting_order(capabilities=Capabilities(families=frozenset({"sd1"}))))
    assert len(list(scheduler.waiting_order(capabilities=Capabilities(families=frozenset({"sdxl"}))))) == 1
