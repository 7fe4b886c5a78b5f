"""The second factor on the pages and at the API's door; recovery codes; who must have one."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.test import Client
from rest_framework.test import APIClient

from accounts.middleware import SecondFactorForStaff
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"


def code(secret=SECRET):
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def user():
    return UserFactory(username="anna")


@pytest.fixture
def locked(user):
    """A user with a second factor and recovery codes."""
    totp.TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return user


def sign_in(client, password=PASSWORD):
    return client.post("/accounts/login/", {"login": "anna", "password": password})


def is_in(client):
    return client.get("/settings/sessions/").status_code == 200


def test_it_is_set_up_with_a_picture_drawn_here_and_a_code(client, user):
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    page = client.get("/accounts/2fa/totp/activate/")
    secret = client.session[totp.SECRET_SESSION_KEY]
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code(secret)})

    assert "data:image/svg+xml;base64," in page.content.decode()
    assert secret in page.content.decode()
    assert answer.url == "/accounts/2fa/recovery-codes/"
    codes = client.get(answer.url).context["unused_codes"]
    assert len(codes) == 10


def test_the_secret_lies_encrypted_in_the_database(locked):
    assert SECRET not in str(Authenticator.objects.get(type="totp").data)


def test_a_password_alone_is_not_enough(client, locked):
    answer = sign_in(client)

    assert answer.url == "/accounts/2fa/authenticate/"
    assert not is_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not is_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code()})
    assert is_in(client)


def test_a_code_is_good_once(locked):
    once, used = Client(), code()
    sign_in(once), once.post("/accounts/2fa/authenticate/", {"code": used})
    assert is_in(once)

    again = Client()
    sign_in(again), again.post("/accounts/2fa/authenticate/", {"code": used})

    assert not is_in(again)


def test_a_recovery_code_opens_once(locked):
    recovery = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]

    found = []
    for client in (Client(), Client()):
        sign_in(client), client.post("/accounts/2fa/authenticate/", {"code": recovery})
        found.append(is_in(client))

    assert found == [True, False]


def test_guessing_codes_is_stopped_also_from_other_addresses(locked):
    for number in range(5):
        client = Client(REMOTE_ADDR=f"10.0.0.{number}")
        sign_in(client), client.post("/accounts/2fa/authenticate/", {"code": "000000"})

    client = Client(REMOTE_ADDR="10.0.1.1")
    sign_in(client), client.post("/accounts/2fa/authenticate/", {"code": code()})

    assert not is_in(client)


def test_the_api_asks_for_the_code_after_the_right_password_only(locked):
    guest, login = APIClient(), {"login": "anna", "password": PASSWORD}

    missing = guest.post("/api/login/", login)
    wrong = guest.post("/api/login/", login | {"code": "000000"})
    stranger = guest.post("/api/login/", login | {"password": "wrong"})
    right = guest.post("/api/login/", login | {"code": code()})

    assert (missing.status_code, missing.json()["code"], missing.json()["field"]) == (401, "second_factor", "code")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "second_factor")
    assert stranger.json()["code"] == "wrong_credentials"
    assert right.status_code == 200


def test_it_is_switched_off_only_after_showing_who_one_is(client, locked):
    client.force_login(locked)

    answer = client.post("/accounts/2fa/totp/deactivate/")

    assert "reauthenticate" in answer.url
    assert Authenticator.objects.filter(user=locked, type="totp").exists()


def test_staff_is_led_to_the_setup_where_the_operator_wants_it(client, rf, monkeypatch):
    monkeypatch.setattr(settings, "STAFF_SECOND_FACTOR", True, raising=False)
    from django.contrib.messages.storage.fallback import FallbackStorage

    gate = SecondFactorForStaff(lambda request: "through")

    def visit(user, path):
        request = rf.get(path)
        request.user, request.session = user, {}
        request._messages = FallbackStorage(request)
        return gate(request)

    boss = UserFactory(is_staff=True)
    assert visit(boss, "/admin/").url == "/accounts/2fa/totp/activate/"
    assert visit(boss, "/accounts/2fa/totp/activate/") == "through"
    assert visit(UserFactory(), "/gallery/") == "through"
    totp.TOTP.activate(boss, SECRET)
    assert visit(boss, "/admin/") == "through"
