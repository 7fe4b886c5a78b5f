"""Run by test_outside.py, with the keys of a provider in the environment: here it is part of the site."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.models import SocialAccount

from accounts import sanctions
from accounts.models import Profile, User
from tests.accounts.fake_github import code_of
from tests.accounts.people import administrator
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def come_back(client, code, process="login", **answer):
    """Leave for the other site and come back with its answer."""
    left = client.post(f"/accounts/github/login/?process={process}")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(left.headers["Location"]).query).items()}
    answer = {"state": asked["state"], "code": code} | answer
    return client.get(urlsplit(asked["redirect_uri"]).path, answer, follow=True)


def who(client):
    return client.get("/api/me/").json().get("username")


@pytest.fixture
def victim():
    user = UserFactory(username="victim", email="victim@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def test_a_newcomer_has_an_account_with_a_proven_address(client):
    come_back(client, code_of(1, "anna", "anna@example.org"))

    anna = User.objects.get(username="anna")
    assert who(client) == "anna"
    assert not anna.has_usable_password()
    assert Profile.objects.filter(user=anna).exists()
    assert EmailAddress.objects.get(user=anna).verified


def test_who_comes_again_comes_to_the_same_account(client):
    come_back(client, code_of(1, "anna", "anna@example.org"))
    client.logout()

    come_back(client, code_of(1, "renamed", "new@example.org"))

    assert (who(client), User.objects.count()) == ("anna", 1)


@pytest.mark.parametrize("proven_here", [True, False])
@pytest.mark.parametrize("proven_there", [True, False])
def test_an_address_of_somebody_else_opens_no_account(client, victim, proven_here, proven_there):
    EmailAddress.objects.update(verified=proven_here)

    come_back(client, code_of(2, "thief", victim.email, verified=proven_there))

    assert who(client) == "thief"
    assert SocialAccount.objects.get().user.username == "thief"
    proven = {"victim"} if proven_here else {"thief"} if proven_there else set()
    mails = EmailAddress.objects.filter(email=victim.email, verified=True)
    assert set(mails.values_list("user__username", flat=True)) == proven
    assert client.login(username="victim", password=PASSWORD)


def test_who_has_no_address_there_is_asked_for_one(client):
    page = come_back(client, code_of(5, "anna", None)).content.decode()
    assert "You come from GitHub" in page
    assert who(client) is None

    client.post("/accounts/3rdparty/signup/", {"username": "anna", "email": "anna@example.org"})

    assert who(client) == "anna"
    assert not EmailAddress.objects.get(email="anna@example.org").verified


def test_a_taken_name_is_asked_for_anew(client, victim):
    come_back(client, code_of(3, "VICTIM", "other@example.org"))

    assert who(client) != "victim"
    assert not SocialAccount.objects.filter(user=victim).exists()


def test_a_banned_person_reads_why_and_stays_outside(client):
    come_back(client, code_of(1, "anna", "anna@example.org"))
    sanctions.ban(user=User.objects.get(username="anna"), reason="Spam", by=administrator())

    page = come_back(client, code_of(1, "anna", "anna@example.org"))

    assert page.status_code == 403
    assert "Spam" in page.content.decode()
    assert who(client) is None


def test_a_second_factor_is_asked_for_on_this_way_too(client):
    come_back(client, code_of(1, "anna", "anna@example.org"))
    totp.TOTP.activate(User.objects.get(username="anna"), "JBSWY3DPEHPK3PXP")
    client.logout()

    page = come_back(client, code_of(1, "anna", "anna@example.org"))

    assert page.request["PATH_INFO"] == "/accounts/2fa/authenticate/"
    assert who(client) is None


@pytest.mark.parametrize(
    ("code", "answer", "words"),
    [
        ("stale", {}, "Signing in did not work"),
        ("x", {"state": "forged"}, "Signing in did not work"),
        ("", {"error": "access_denied"}, "You did not sign in"),
    ],
)
def test_what_goes_wrong_is_said_on_a_page_of_the_site(client, code, answer, words):
    page = come_back(client, code, **answer)

    assert words in page.content.decode()
    assert "door__head" in page.content.decode()
    assert (who(client), User.objects.count()) == (None, 0)


def test_one_connects_another_site_in_the_settings_and_disconnects_it(client, victim):
    client.force_login(victim)

    page = come_back(client, code_of(4, "victim-there", "v@example.org"), process="connect")
    row = SocialAccount.objects.get(user=victim)
    assert "victim-there" in client.get("/accounts/3rdparty/").content.decode()
    client.post("/accounts/3rdparty/", {"account": row.pk})

    assert page.status_code == 200
    assert not SocialAccount.objects.exists()


def test_buttons_stand_on_the_doors_and_lead_where_forms_may(client):
    for address in ("/accounts/login/", "/accounts/signup/"):
        page = client.get(address)
        assert "Go on with GitHub" in page.content.decode()
        assert "form-action 'self' https://github.com http://127.0.0.1:" in page["Content-Security-Policy"]
    assert "Go on with GitHub" in client.get("/accounts/github/login/").content.decode()
