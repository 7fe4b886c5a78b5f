"""The settings: each section keeps what it was told, and only for the one who told it."""

import pytest

from accounts.models import OPEN_END, Profile, User
from safety.models import Word
from tests.factories import UserFactory

SECTIONS = ["profile", "privacy", "content", "notifications", "look", "export", "delete"]


@pytest.fixture
def anna(client, db):
    user = UserFactory(username="anna")
    client.force_login(user)
    return user


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_and_is_marked_in_the_menu(client, anna, section):
    page = client.get(f"/settings/{section}/").content.decode()

    assert f'<a href="/settings/{section}/" aria-current="page">' in page
    assert all(f'href="/settings/{other}/"' in page for other in SECTIONS)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_guest_is_asked_to_sign_in(client, db, section):
    assert client.get(f"/settings/{section}/").url == f"/accounts/login/?next=/settings/{section}/"


def test_switches_are_kept(client, anna):
    client.post("/settings/privacy/", {"shows_likes": "on"})
    client.post("/settings/content/", {"content_level": "1"})

    profile = Profile.objects.get()
    assert (profile.shows_presence, profile.shows_likes) == (False, True)
    assert (profile.content_level, profile.blurs_mature) == (1, False)


@pytest.mark.parametrize("level", ["", "3", "x"])
def test_a_level_that_does_not_exist_is_refused(client, anna, level):
    response = client.post("/settings/content/", {"content_level": level})

    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()


def test_links_are_kept_in_their_order(client, anna):
    given = {"bio": "", "website": "", "link_title_0": "Shop", "link_url_0": "example.org/shop"}

    client.post("/settings/profile/", given | {"link_url_3": "http://example.net/"})

    assert Profile.objects.get().links == [
        {"title": "Shop", "url": "https://example.org/shop"},
        {"title": "example.net", "url": "http://example.net/"},
    ]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "ftp://example.org", "https://", "x y"])
def test_a_link_that_is_no_page_of_the_web_is_refused_and_kept_in_the_form(client, anna, address):
    response = client.post("/settings/profile/", {"bio": "", "website": "", "link_url_1": address})

    assert response.status_code == 422
    assert f'value="{address}"' in response.content.decode()
    assert Profile.objects.get().links == []


def test_the_theme_is_kept_in_the_browser(client, anna):
    client.post("/settings/look/theme/", {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/settings/look/").content.decode()

    client.post("/settings/look/theme/", {"theme": ""})
    assert "data-theme=" not in client.get("/settings/look/").content.decode().split("<body>")[0]


def test_a_theme_that_does_not_exist_changes_nothing(client, anna):
    assert "theme" not in client.post("/settings/look/theme/", {"theme": "pink;x"}).cookies


def test_the_word_list_holds_for_bio_and_names_of_links(client, anna):
    Word.objects.create(text="flarn", category=Word.Category.VIOLENCE)
    link = {"link_url_0": "https://example.org"}

    for given in ({"bio": "I flarn"}, link | {"link_title_0": "flarn"}):
        assert client.post("/settings/profile/", given).status_code == 422

    assert (Profile.objects.get().bio, Profile.objects.get().links) == ("", [])


def test_who_is_muted_changes_no_public_text(client, anna):
    User.objects.update(muted_until=OPEN_END)

    assert client.post("/settings/profile/", {"bio": "hello"}).status_code == 422
    assert Profile.objects.get().bio == ""
