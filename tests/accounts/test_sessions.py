"""The list of browsers, and ending them."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts import devices
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


@pytest.fixture
def user():
    return UserFactory(username="anna", email="anna@example.org")


def browser(agent=FIREFOX, login="anna", address="10.0.0.1"):
    client = Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)
    assert client.post("/accounts/login/", {"login": login, "password": PASSWORD}).status_code == 302
    return client


def is_in(client):
    return client.get("/settings/sessions/").status_code == 200


def test_browsers_are_listed_with_device_and_address(user):
    here = browser()
    browser(IPHONE, "anna@example.org", "10.0.0.2")

    page = here.get("/settings/sessions/").content.decode()

    for text in ("Firefox on Linux", "Safari on iPhone", "address 10.0.0.2", "this browser"):
        assert text in page


def test_one_is_ended_the_others_stay(user):
    here, phone = browser(), browser(IPHONE)
    row = UserSession.objects.get(session_key=phone.session.session_key)

    here.post(f"/settings/sessions/{row.pk}/end/")

    assert (is_in(here), is_in(phone)) == (True, False)


def test_nobody_ends_somebody_elses(user):
    victim = browser()
    row = UserSession.objects.get()
    other = Client()
    other.force_login(UserFactory())

    assert other.post(f"/settings/sessions/{row.pk}/end/").status_code == 404
    assert is_in(victim)


def test_all_others_are_ended_even_those_no_list_knows_of(user):
    here, phone, unlisted = browser(), browser(IPHONE), Client()
    unlisted.force_login(user)

    here.post("/settings/sessions/others/")

    assert (is_in(here), is_in(phone), is_in(unlisted)) == (True, False, False)
    assert "this browser" in here.get("/settings/sessions/").content.decode()


def test_one_signs_out_everywhere(user):
    here, phone = browser(), browser(IPHONE)

    here.post("/settings/sessions/all/")

    assert (is_in(here), is_in(phone)) == (False, False)
    assert not UserSession.objects.exists()


def test_signing_out_ends_the_session_on_the_server(user):
    here = browser()
    cookie = here.cookies["sessionid"].value

    here.post("/accounts/logout/")

    thief = Client()
    thief.cookies["sessionid"] = cookie
    assert not is_in(thief)


def test_a_new_password_signs_the_other_browsers_out(user):
    here, phone = browser(), browser(IPHONE)
    words = {"oldpassword": PASSWORD, "password1": "a-brand-new-horse", "password2": "a-brand-new-horse"}

    here.post("/accounts/password/change/", words)

    assert (is_in(here), is_in(phone)) == (True, False)


def test_a_returning_browser_is_signed_in_on_its_home_page(user):
    here = browser()
    cookie = here.cookies["sessionid"]
    assert cookie["max-age"]  # survives the browser being closed

    returning = Client()
    returning.cookies["sessionid"] = cookie.value

    assert returning.get("/").context["user"] == user


@pytest.mark.parametrize(
    ("agent", "name"), [(FIREFOX, "Firefox on Linux"), ("curl/8", "curl"), ("", "Unknown browser")]
)
def test_a_browser_is_named_as_well_as_can_be(agent, name):
    assert devices.name_of(agent) == name
