"""The page of a person: what it shows to whom, for the same number of queries whoever it is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import OPEN_END, Profile, User
from social import services
from tests.factories import ModelVersionFactory, PictureFactory, UserFactory
from tests.social.conftest import published

TABS = ("", "models/", "likes/")


def test_a_page_counts_what_is_shown(client, anna, ben, picture, card):
    PictureFactory(owner=anna, likes=5)
    for like, thing in ((services.like, {"picture": picture}), (services.like_model, {"card": card})):
        like(by=ben, **thing)
    services.follow(user=anna, by=ben)

    page = client.get("/u/anna/").content.decode()

    for told in ("<strong>1</strong> picture", "<strong>1</strong> model", "<strong>1</strong> follower"):
        assert told in page
    assert "<strong>2</strong> likes received" in page


def test_another_spelling_of_a_name_beyond_ascii_does_not_lead_in_a_circle(client, db):
    person = UserFactory(username="Änne")

    response = client.get("/u/änne/?x=1")

    assert response.url == f"{person.get_absolute_url()}?x=1"
    assert client.get(response.url).status_code == 200


def test_another_spelling_leads_to_the_right_address(client, anna):
    response = client.get("/u/ANNA/models/?x=1")

    assert response.status_code == 302
    assert response.url == "/u/anna/models/?x=1"


@pytest.mark.parametrize("fields", [{"is_active": False}, {"banned_until": OPEN_END}])
@pytest.mark.parametrize("address", [*TABS, "followers/", "following/"])
def test_a_closed_or_banned_account_has_no_page(client, anna, moderator, fields, address):
    User.objects.filter(pk=anna.pk).update(**fields)

    assert client.get(f"/u/anna/{address}").status_code == 404
    assert client.get("/api/users/anna/").status_code == 404


def test_likes_are_shown_to_their_owner_and_to_others_only_by_choice(client, anna, ben, picture):
    services.like(picture=picture, by=ben)
    assert client.get("/u/ben/likes/").status_code == 404

    client.force_login(ben)
    assert f"tile-{picture.pk}" in client.get("/u/ben/likes/").content.decode()

    Profile.objects.filter(user=ben).update(shows_likes=True)
    client.logout()
    assert f"tile-{picture.pk}" in client.get("/u/ben/likes/").content.decode()


def test_private_pictures_and_drafts_are_not_shown(client, anna):
    PictureFactory(owner=anna, title="secret picture")
    ModelVersionFactory(card__owner=anna, card__status="draft", card__name="secret model")

    assert "secret" not in "".join(client.get(f"/u/anna/{tab}").content.decode() for tab in TABS[:2])


@pytest.mark.parametrize("tab", TABS)
def test_an_owner_without_anything_is_told_what_to_do_next(client, anna, tab):
    client.force_login(anna)

    page = client.get(f"/u/anna/{tab}").content.decode()

    assert 'class="empty"' in page
    assert "button--primary" in page.split('class="empty"')[1].split("</div>")[0]


def queries(client, address):
    with CaptureQueriesContext(connection) as context:
        assert client.get(address).status_code == 200
    return len(context)


@pytest.mark.parametrize("tab", TABS)
def test_a_full_page_costs_no_more_queries_than_one_with_a_single_thing(client, anna, tab):
    Profile.objects.filter(user=anna).update(shows_likes=True)
    client.force_login(UserFactory())
    fill(anna, 1)
    client.get(f"/u/anna/{tab}")
    before = queries(client, f"/u/anna/{tab}")

    fill(anna, 14)

    assert queries(client, f"/u/anna/{tab}") == before <= 18


def fill(user, number):
    other = UserFactory(password="x")
    for _n in range(number):
        services.like(picture=published(other), by=user)
        published(user)
        ModelVersionFactory(card__owner=user)


def test_a_tab_is_paged(client, anna):
    for _n in range(33):
        published(anna)

    page = client.get("/u/anna/").content.decode()
    more = page.split('data-more href="')[1].split('"')[0].replace("&amp;", "&")

    assert page.count('<li class="tile"') == 30
    assert client.get(f"/u/anna/{more}&part=1").content.decode().count('<li class="tile"') == 3


def test_links_are_not_followed_by_search_engines_and_words_are_escaped(client, anna):
    link = {"title": "<b>shop</b>", "url": "https://example.org/?a=1&b=2"}
    Profile.objects.filter(user=anna).update(links=[link], bio="<script>alert(1)</script>")

    page = client.get("/u/anna/").content.decode()

    assert "&lt;b&gt;shop" in page
    assert "<script>alert" not in page
    assert '<a href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener ugc"' in page
