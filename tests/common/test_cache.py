"""The site without its cache: slower, not gone."""

import pytest
from django.core.cache import cache
from django.test import override_settings

AWAY = {
    "default": {
        "BACKEND": "visionary.common.cache.Cache",
        "LOCATION": "redis://127.0.0.1:1/0",
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1},
    }
}


@pytest.fixture
def away():
    with override_settings(CACHES=AWAY):
        yield


def test_a_key_is_added_once():
    assert [cache.add("only once", 1, 5), cache.add("only once", 1, 5)] == [True, False]


def test_a_cache_that_is_away_holds_nothing(away):
    assert cache.add("lock", 1)
    assert cache.get("lock", "nothing") == "nothing"


def test_a_cache_that_is_away_takes_one_line_of_the_log(away, caplog):
    cache.get("anything")

    line = caplog.records[0]
    assert line.getMessage().startswith("The cache does not answer: ")
    assert line.exc_info is None


def test_signing_in_works_without_the_cache(away, client, django_user_model, db):
    django_user_model.objects.create_user("anna", password="correct horse")

    response = client.post("/accounts/login/", {"login": "anna", "password": "correct horse"})

    assert (response.status_code, response.url) == (302, "/")
