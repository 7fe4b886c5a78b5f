"""Signing up, in and out; guessing is slow and tells nothing."""

import pytest
from rest_framework.test import APIClient

from accounts.models import ApiToken, Profile, User
from tests.api.conftest import assert_refused, client_of
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
NEW = {"username": "anna", "email": "anna@example.org", "password": PASSWORD}


def test_registering_makes_an_account_a_profile_and_a_token(guest):
    answer = guest.post("/api/register/", NEW)

    assert answer.status_code == 201
    assert Profile.objects.filter(user__username="anna").exists()
    me = guest.get("/api/me/", headers={"Authorization": f"Bearer {answer.json()['token']}"})
    assert me.json()["username"] == "anna"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "a"}, "username"),
        ({"username": "an na"}, "username"),
        ({"username": "ann\x00a"}, "username"),
        ({"username": "🍎🍎"}, "username"),
        ({"username": "\u0430nna"}, "username"),  # a Cyrillic а
        ({"username": "ann\u03b1"}, "username"),  # a Greek α
        ({"email": "nowhere"}, "email"),
        ({"password": "12345"}, "password"),
        ({"password": "password"}, "password"),
        ({"password": ["list"]}, "password"),
        ({"password": "anna@example.org"}, "password"),
    ],
)
def test_a_bad_registration_names_its_field(guest, change, field):
    assert_refused(guest.post("/api/register/", NEW | change), 400, field=field)
    assert not User.objects.exists()


def test_a_username_taken_in_other_letters_is_refused(guest):
    UserFactory(username="ANNA")

    assert_refused(guest.post("/api/register/", NEW), 400, field="username")


@pytest.mark.parametrize("username", ["anna画家", "анна", "άννα_1", "アンナanna", "Ａnna", "josé"])
def test_a_username_of_one_alphabet_is_taken(guest, username):
    assert guest.post("/api/register/", NEW | {"username": username}).status_code == 201


def test_registering_with_a_taken_address_looks_like_any_registration(guest):
    UserFactory(username="other", email="anna@example.org")

    answer = guest.post("/api/register/", NEW)

    assert answer.status_code == 201


@pytest.mark.parametrize("login", ["anna", "ANNA", "anna@example.org", "Anna@Example.org"])
def test_login_takes_the_name_or_the_address(guest, login):
    UserFactory(username="anna", email="anna@example.org")

    answer = guest.post("/api/login/", {"login": login, "password": PASSWORD, "device": "phone"})

    assert answer.status_code == 200
    assert answer.json()["user"]["username"] == "anna"
    assert ApiToken.objects.get().name == "phone"
    assert answer.json()["token"] not in str(ApiToken.objects.values())


def test_unknown_closed_and_mistyped_accounts_get_the_same_answer(guest):
    UserFactory(username="anna")
    UserFactory(username="closed", is_active=False)
    tries = [("nobody", PASSWORD), ("nobody@example.org", PASSWORD), ("anna", "wrong"), ("closed", PASSWORD)]

    answers = [guest.post("/api/login/", {"login": login, "password": word}) for login, word in tries]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1


def test_every_failed_login_costs_one_password_check(guest, monkeypatch):
    UserFactory(username="anna")
    checks = []
    monkeypatch.setattr(User, "check_password", lambda self, raw: checks.append("known"))
    monkeypatch.setattr("accounts.credentials.make_password", lambda raw: checks.append("unknown"))

    for login in ("anna", "anna@x.example", "nobody"):
        guest.post("/api/login/", {"login": login, "password": "x"})

    assert checks == ["known", "unknown", "unknown"]


def test_guessing_one_account_is_stopped_from_every_address(settings):
    UserFactory(username="anna")

    for number in range(5):
        guest = APIClient(REMOTE_ADDR=f"10.0.0.{number}")
        assert guest.post("/api/login/", {"login": "anna", "password": "x"}).status_code == 401
    answer = APIClient(REMOTE_ADDR="10.0.1.1").post("/api/login/", {"login": "ANNA", "password": PASSWORD})

    assert assert_refused(answer, 429, "too_many_requests")["retry_after"] > 0
    assert "Retry-After" in answer


def test_guessing_many_accounts_from_one_address_is_stopped(guest):
    answers = [guest.post("/api/login/", {"login": f"user{n}", "password": "x"}) for n in range(31)]

    assert [answer.status_code for answer in answers] == [401] * 30 + [429]


def test_a_good_login_clears_the_count_of_its_account(guest):
    UserFactory(username="anna")

    codes = []
    for word in ["x", "x", "x", PASSWORD] * 2:
        codes.append(guest.post("/api/login/", {"login": "anna", "password": word}).status_code)

    assert codes == [401, 401, 401, 200] * 2


def test_logout_revokes_this_token_only(user):
    one, other = client_of(user), client_of(user)

    assert one.post("/api/logout/").status_code == 204

    assert_refused(one.get("/api/me/"), 401)
    assert other.get("/api/me/").status_code == 200


def test_a_closed_account_loses_its_tokens_at_once(user, client):
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert_refused(client.get("/api/me/"), 401)


def test_a_session_needs_the_csrf_token_to_write(user):
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(user)

    assert browser.get("/api/me/").status_code == 200
    assert_refused(browser.post("/api/jobs/", {"prompt": "a red apple"}), 403)
