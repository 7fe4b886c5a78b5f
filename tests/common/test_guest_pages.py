"""Pages remembered for guests: the same for all of them, never anybody's own."""

import re
import threading

import pytest
from django.http import HttpResponse
from django.middleware.csrf import _does_token_match
from django.test import Client
from django.urls import reverse

from tests.factories import PictureFactory, RecipeFactory, UserFactory
from visionary.common import guest_pages

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@pytest.fixture(autouse=True)
def _remember(settings):
    settings.GUEST_PAGE_SECONDS = 60
    guest_pages.forget()
    yield
    guest_pages.forget()


@pytest.fixture
def picture():
    shown = PictureFactory(visibility="public", title="First title")
    RecipeFactory(picture=shown)
    return shown


def rename(picture, title):
    type(picture).objects.filter(pk=picture.pk).update(title=title)


def test_a_second_guest_gets_the_same_page_without_a_query(picture, django_assert_num_queries):
    first = Client().get(picture.get_absolute_url())

    with django_assert_num_queries(0):
        second = Client().get(picture.get_absolute_url())

    assert TOKEN.sub("", first.content.decode()) == TOKEN.sub("", second.content.decode())


def test_every_guest_gets_a_token_that_their_own_cookie_fits(picture):
    Client().get(picture.get_absolute_url())
    guest = Client(enforce_csrf_checks=True)

    page = guest.get(picture.get_absolute_url()).content.decode()

    token = TOKEN.search(page)[1]
    assert _does_token_match(token, guest.cookies["csrftoken"].value)
    chosen = guest.post(reverse("set_language"), {"language": "zh-hans", "csrfmiddlewaretoken": token})
    assert chosen.status_code == 302


def test_a_signed_in_reader_is_never_shown_a_remembered_page(picture):
    Client().get(picture.get_absolute_url())
    rename(picture, "Second title")
    reader = Client()
    reader.force_login(UserFactory())

    assert "Second title" in reader.get(picture.get_absolute_url()).content.decode()
    assert "First title" in Client().get(picture.get_absolute_url()).content.decode()


def test_what_a_signed_in_reader_sees_is_not_remembered(picture):
    reader = Client()
    reader.force_login(picture.owner)
    reader.get(picture.get_absolute_url())

    rename(picture, "Second title")

    assert "Second title" in Client().get(picture.get_absolute_url()).content.decode()


def test_languages_and_themes_are_different_pages(picture):
    address = picture.get_absolute_url()
    english = Client().get(address, headers={"accept-language": "en"}).content.decode()
    chinese = Client().get(address, headers={"accept-language": "zh-hans"}).content.decode()
    dark = Client()
    dark.cookies["theme"] = "dark"

    assert 'lang="en"' in english
    assert 'lang="zh-hans"' in chinese
    assert 'data-theme="dark"' in dark.get(address).content.decode()


def test_a_page_is_rendered_anew_when_its_time_is_over(picture, settings):
    settings.GUEST_PAGE_SECONDS = 1e-9
    Client().get(picture.get_absolute_url())
    rename(picture, "Second title")

    assert "Second title" in Client().get(picture.get_absolute_url()).content.decode()


def test_a_refusal_is_not_remembered(picture):
    hidden = PictureFactory(visibility="private")
    assert Client().get(hidden.get_absolute_url()).status_code == 404

    type(hidden).objects.filter(pk=hidden.pk).update(visibility="public")

    assert Client().get(hidden.get_absolute_url()).status_code == 200


def test_a_failed_renewal_does_not_keep_the_old_page_for_ever(rf, settings):
    settings.GUEST_PAGE_SECONDS = 1e-9
    answers = iter([HttpResponse("old"), ValueError(), HttpResponse("new")])

    @guest_pages.remembered
    def view(request):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def ask():
        request = rf.get("/somewhere/")
        request.session = type("Session", (), {"modified": False})()
        return view(request).content

    assert ask() == b"old"
    with pytest.raises(ValueError, match=""):
        ask()
    assert ask() == b"new"


def test_while_one_thread_renders_the_others_get_the_old_page(rf, settings):
    settings.GUEST_PAGE_SECONDS = 1e-9
    entered, go_on = threading.Event(), threading.Event()
    bodies = iter([b"old", b"new"])

    @guest_pages.remembered
    def view(request):
        body = next(bodies)
        if body == b"new":
            entered.set()
            go_on.wait(10)
        return HttpResponse(body)

    def ask():
        request = rf.get("/elsewhere/")
        request.session = type("Session", (), {"modified": False})()
        return view(request).content

    ask()
    renewing = threading.Thread(target=ask)
    renewing.start()
    entered.wait(10)
    assert ask() == b"old"
    go_on.set()
    renewing.join()


def test_the_programs_list_is_remembered_for_guests_only(picture, django_assert_num_queries):
    first = Client().get("/api/pictures/").json()
    with django_assert_num_queries(0):
        assert Client().get("/api/pictures/").json() == first
