"""What the operator may set: the mail server, confirming addresses, outside providers."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.factories import PASSWORD
from visionary import login_providers, mail

NEW = {"username": "anna", "email": "anna@example.org", "password": PASSWORD}


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("smtp://me:p%40ss@mail.example.org", ("smtp", "mail.example.org", 587, "me", "p@ss", False, True)),
        ("smtps://mail.example.org", ("smtp", "mail.example.org", 465, "", "", True, False)),
        ("smtp+plain://localhost:2525", ("smtp", "localhost", 2525, "", "", False, False)),
        ("console:", ("console", "", 25, "", "", False, False)),
    ],
)
def test_one_address_names_the_mail_server(address, server):
    assert tuple(mail.from_address(address)) == server


@pytest.mark.parametrize("address", ["mail.example.org", "http://mail.example.org", "smtp:"])
def test_an_address_of_no_mail_server_is_refused_at_the_start(address):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        mail.from_address(address)


def test_without_keys_no_provider_is_loaded():
    assert (login_providers.apps(), login_providers.urls(), login_providers.settings()) == ([], [], {})


def test_keys_switch_a_provider_on(monkeypatch):
    monkeypatch.setenv("OAUTH_GITHUB_ID", "me")
    monkeypatch.setenv("OAUTH_GITHUB_SECRET", "secret")

    assert login_providers.apps() == ["allauth.socialaccount", "allauth.socialaccount.providers.github"]
    assert login_providers.settings()["github"]["APPS"][0]["client_id"] == "me"
    assert login_providers.form_targets() == ["https://github.com"]


def test_half_a_pair_of_keys_is_refused(monkeypatch):
    monkeypatch.setenv("OAUTH_GITHUB_ID", "me")

    with pytest.raises(ImproperlyConfigured, match="OAUTH_GITHUB_SECRET"):
        login_providers.apps()


def test_where_addresses_must_be_confirmed_nobody_comes_in_before(client, db, settings, mailoutbox):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"

    made = client.post("/api/register/", NEW, "application/json")
    early = client.post("/api/login/", {"login": "anna", "password": PASSWORD}, "application/json")
    link = next(word for word in mailoutbox[0].body.split() if "/confirm-email/" in word)
    client.post(link)
    after = client.post("/api/login/", {"login": "anna", "password": PASSWORD}, "application/json")

    assert [made.status_code, early.status_code, after.status_code] == [403, 403, 200]
    assert made.json()["code"] == early.json()["code"] == "unconfirmed"
