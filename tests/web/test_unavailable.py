"""A database that is locked or away: a clear 503, nothing typed is lost."""

import sqlite3

import pytest
from django.db import OperationalError, connection
from rest_framework.test import APIClient

from generation.models import Job
from tests.factories import ModelVersionFactory, UserFactory

SENTENCE = "too busy"


@pytest.fixture
def user(transactional_db):
    ModelVersionFactory()
    return UserFactory()


@pytest.fixture
def locked(user, client):
    """Somebody else holds the write lock for longer than this connection waits."""
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has one lock for all")
    client.force_login(user)
    client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=50")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield client
    other.close()
    connection.close()


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_submit_meeting_a_lock_keeps_the_form(locked, headers):
    answer = locked.post("/generate/", {"prompt": "a red apple"}, headers=headers)

    page = answer.content.decode()
    assert answer.status_code == 503
    assert SENTENCE in page
    assert "a red apple</textarea>" in page
    assert not Job.objects.exists()


def test_a_page_meeting_a_lock_says_so_in_the_readers_language(locked):
    answer = locked.post("/settings/profile/", {"bio": "x"}, headers={"Accept-Language": "zh-hans"})

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "请稍后再试" in answer.content.decode()


def test_a_session_that_cannot_be_saved_is_told(locked):
    locked.cookies.clear()

    assert locked.post("/generate/", {"prompt": "a red apple"}).status_code == 503


def test_the_api_meeting_a_lock_answers_in_its_one_shape(locked, user, caplog):
    api = APIClient()
    api.force_authenticate(user)

    answer = api.post("/api/jobs/", {"prompt": "a red apple"})

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json() == {"code": "unavailable", "message": answer.json()["message"], "field": None} | {
        "retry_after": 5
    }
    assert "locked" in caplog.text


@pytest.mark.parametrize(("address", "kind"), [("/", "text/html; charset=utf-8"), ("/api/x/", "application/json")])
def test_a_failure_outside_any_view_is_told(client, monkeypatch, address, kind):
    def away(*args):
        raise OperationalError("gone away")

    client.raise_request_exception = False
    monkeypatch.setattr("django.contrib.messages.middleware.MessageMiddleware.process_request", away)

    answer = client.get(address)

    assert (answer.status_code, answer["Content-Type"]) == (503, kind)
    assert SENTENCE in answer.content.decode()
