"""Who is online is known from Redis alone; the database hears of it every few minutes."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from redis.exceptions import ConnectionError as RedisGone

from accounts import jobs, presence
from accounts.models import Profile
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _redis_is_well(monkeypatch):
    monkeypatch.setattr(presence, "_quiet_until", 0.0)


@pytest.fixture
def anna(db):
    return UserFactory(username="anna")


def writes(queries):
    return [one["sql"] for one in queries if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_turning_a_page_makes_one_online_without_a_write(client, anna):
    client.force_login(anna)
    client.get("/gallery/")

    with CaptureQueriesContext(connection) as context:
        client.get("/gallery/")

    assert presence.is_online([anna]) == {anna.pk}
    assert writes(context.captured_queries) == []


def test_signing_out_makes_one_offline_at_once(client, anna):
    client.force_login(anna)
    client.get("/gallery/")

    client.post("/accounts/logout/")

    assert presence.is_online([anna]) == set()


def test_who_turns_no_page_for_long_is_offline(anna, monkeypatch):
    presence.touch(anna)
    later = time.time() + presence.ONLINE_SECONDS + 1
    monkeypatch.setattr(presence.time, "time", lambda: later)

    assert presence.is_online([anna]) == set()


def test_who_does_not_want_to_be_seen_is_not(client, anna):
    client.force_login(anna)
    presence.touch(anna)
    Profile.objects.filter(user=anna).update(last_seen_at="2026-01-01T00:00:00Z")

    client.post("/settings/privacy/", {"shows_likes": "on"})
    client.get("/gallery/")
    jobs.note_presence()

    assert presence.is_online([anna]) == set()
    assert Profile.objects.get(user=anna).last_seen_at is None


def test_the_job_writes_down_when_people_were_seen(anna):
    stranger = UserFactory()
    presence.touch(anna)

    assert jobs.note_presence() == 1

    assert abs(Profile.objects.get(user=anna).last_seen_at.timestamp() - time.time()) < 60
    assert Profile.objects.get(user=stranger).last_seen_at is None


def test_many_people_cost_one_query(anna, django_assert_num_queries):
    people = [anna, *(UserFactory(password="x") for _n in range(20))]
    for person in people:
        presence.touch(person)

    with django_assert_num_queries(1):
        assert len(presence.is_online(people)) == 21


def test_without_redis_pages_work_and_nobody_is_online(client, anna, monkeypatch):
    presence.touch(anna)
    asked = []

    def gone(alias):
        asked.append(alias)
        raise RedisGone("away")

    monkeypatch.setattr(presence, "get_redis_connection", gone)
    client.force_login(anna)

    assert client.get("/u/anna/").status_code == 200
    assert presence.is_online([anna]) == set()
    assert jobs.note_presence() == 0
    assert len(asked) == 1  # and it is left alone for a while


def test_a_page_shows_who_is_online(client, anna):
    presence.touch(anna)

    assert "online now" in client.get("/u/anna/").content.decode()
