"""Guessing is slowed at every door, and no answer tells whether an account exists."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts import attempts, sanctions
from accounts.models import User
from tests.accounts.people import moderator
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
RESET = "/accounts/password/reset/"


@pytest.fixture
def user():
    return UserFactory(username="anna", email="anna@example.org")


def sign_in(login, password, address="10.0.0.1"):
    client = Client(REMOTE_ADDR=address)
    return client.post("/accounts/login/", {"login": login, "password": password})


def words(response):
    """The page without what differs for everybody: tokens, and what was typed."""
    page = re.sub(r'value="[^"]*"', "", response.content.decode())
    return response.status_code, re.sub(r"[\w.]+@example\.org|\d+ minutes?", "", page)


def test_a_wrong_password_and_an_unknown_or_banned_account_read_alike(user):
    banned = UserFactory(username="gone")
    sanctions.ban(user=banned, reason="Spam", by=moderator())

    answers = {words(sign_in(login, "wrong", f"10.0.1.{n}")) for n, login in enumerate(["anna", "nobody", "gone"])}

    assert len(answers) == 1


def test_every_failed_sign_in_costs_one_password_check(user, monkeypatch):
    checks = []
    monkeypatch.setattr(User, "check_password", lambda self, raw: checks.append("known"))
    monkeypatch.setattr(User, "set_password", lambda self, raw: checks.append("unknown"))

    for number, login in enumerate(["anna", "anna@example.org", "nobody", "nobody@example.org"]):
        sign_in(login, "x", f"10.0.1.{number}")

    assert checks == ["known", "known", "unknown", "unknown"]


def test_asking_for_a_link_reads_alike_and_always_sends_a_letter(user, mailoutbox):
    answers = set()
    for address in ("anna@example.org", "nobody@example.org"):
        client = Client(REMOTE_ADDR="10.0.0.7")
        answers.add(words(client.post(RESET, {"email": address}, follow=True)))

    assert len(answers) == 1
    assert len(mailoutbox) == 2  # the one to nobody says that there is no account


def test_registering_with_a_proven_address_reads_like_any(user, mailoutbox):
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    form = {"password1": PASSWORD}

    answers = {
        Client().post("/accounts/signup/", form | {"username": name, "email": email}).status_code
        for name, email in (("one", "anna@example.org"), ("two", "new@example.org"))
    }

    assert answers == {302}


def test_pages_and_api_count_together(user):
    for number in range(5):
        sign_in("ANNA", "x", f"10.0.0.{number}")

    answer = Client().post("/api/login/", {"login": "anna", "password": PASSWORD}, "application/json")

    assert answer.status_code == 429
    assert sign_in("anna", PASSWORD, "10.0.9.9").status_code == 200  # the form again, not let in


def test_one_address_cannot_try_many_accounts(user):
    for number in range(30):
        sign_in(f"nobody{number}", "x")

    assert sign_in("anna", PASSWORD).status_code == 429
    assert sign_in("anna", PASSWORD, "10.0.9.9").status_code == 302


def test_asking_for_links_is_slowed_for_each_account(user, mailoutbox):
    codes = [Client(REMOTE_ADDR=f"10.0.0.{n}").post(RESET, {"email": "anna@example.org"}).status_code for n in range(6)]

    assert codes == [302] * 5 + [429]
    assert len(mailoutbox) == 5


def test_coming_in_forgives_the_account_but_not_the_address(rf, user):
    request = rf.post("/", REMOTE_ADDR="10.0.0.1")
    for _ in range(4):
        attempts.begin(request, "login:anna")

    attempts.begin(request, "login:anna").forgive()

    assert attempts.begin(request, "login:anna")
