from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from generation.scheduler import fair_order

START = datetime(2026, 1, 1, tzinfo=UTC)


def jobs(*owners):
    """Waiting jobs in the order of their age, named owner + number."""
    return [(f"{owner}{number}", owner, START + timedelta(seconds=number)) for number, owner in enumerate(owners)]


def test_users_take_turns():
    assert fair_order(jobs("a", "a", "a", "b"), {}) == ["a0", "b3", "a1", "a2"]


def test_who_was_served_longest_ago_comes_first():
    starts = {"a": START, "b": START - timedelta(hours=1)}

    assert fair_order(jobs("a", "b"), starts) == ["b1", "a0"]


def test_a_newcomer_comes_before_everybody_who_was_served():
    assert fair_order(jobs("a", "a", "new"), {"a": START})[0] == "new2"


@given(st.lists(st.sampled_from("abcd"), max_size=40))
def test_every_job_has_one_place_and_each_user_keeps_their_order(owners):
    waiting = jobs(*owners)

    order = fair_order(waiting, {})

    assert sorted(order) == sorted(job_id for job_id, _owner, _created in waiting)
    for owner in set(owners):
        mine = [job_id for job_id, whose, _created in waiting if whose == owner]
        assert [job_id for job_id in order if job_id in mine] == mine
