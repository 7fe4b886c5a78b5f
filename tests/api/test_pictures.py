"""The gallery by the API."""

import pytest
from django.utils import timezone

from gallery.models import Picture
from tests.api.conftest import assert_refused
from tests.factories import PictureFactory, RecipeFactory, UserFactory

pytestmark = pytest.mark.django_db


def published(**fields):
    picture = PictureFactory(visibility="public", published_at=timezone.now(), **fields)
    RecipeFactory(picture=picture)
    return picture


def ids(answer):
    return [row["id"] for row in answer.json()["results"]]


def test_the_list_holds_what_everybody_may_see(guest):
    shown = published()
    published(is_hidden=True)
    published(deleted_at=timezone.now())
    PictureFactory()
    PictureFactory(visibility="unlisted")

    assert ids(guest.get("/api/pictures/")) == [str(shown.pk)]


def test_the_list_can_be_sorted_and_filtered(guest):
    first, second = published(likes=5), published()
    slug = second.recipe.version.card.slug

    assert ids(guest.get("/api/pictures/")) == [str(second.pk), str(first.pk)]
    assert ids(guest.get("/api/pictures/?sort=top")) == [str(first.pk), str(second.pk)]
    assert ids(guest.get("/api/pictures/", {"model": slug})) == [str(second.pk)]
    assert ids(guest.get("/api/pictures/", {"by": first.owner.username})) == [str(first.pk)]
    assert_refused(guest.get("/api/pictures/?sort=x"), 400, field="sort")
    assert_refused(guest.get("/api/pictures/?by=%00"), 400, field="by")


@pytest.mark.parametrize("sort", ["new", "top"])
def test_paging_shows_every_picture_once(guest, sort):
    made = {str(published().pk) for _ in range(7)}

    seen, address = [], f"/api/pictures/?page_size=3&sort={sort}"
    while address:
        page = guest.get(address).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]

    assert len(seen) == 7
    assert set(seen) == made


def test_a_longer_list_costs_no_more_queries(guest, django_assert_num_queries):
    for _ in range(12):
        published()

    with django_assert_num_queries(1):
        guest.get("/api/pictures/")


def test_a_picture_comes_with_its_recipe(guest):
    picture = published()

    answer = guest.get(f"/api/pictures/{picture.pk}/").json()

    assert answer["recipe"]["prompt"] == "a red apple"
    assert "Seed: 7" in answer["recipe"]["parameters"]


def test_a_private_picture_is_there_for_its_owner_only(client, guest, user):
    mine, other = PictureFactory(owner=user), PictureFactory()

    assert client.get(f"/api/pictures/{mine.pk}/").status_code == 200
    assert_refused(guest.get(f"/api/pictures/{mine.pk}/"), 404)
    assert_refused(client.get(f"/api/pictures/{other.pk}/"), 404)


def test_a_like_counts_once_and_can_be_taken_back(client):
    address = f"/api/pictures/{published().pk}/like/"

    assert client.post(address).json() == {"likes": 1, "liked": True}
    assert client.post(address).json() == {"likes": 1, "liked": True}
    assert client.delete(address).json() == {"likes": 0, "liked": False}
    assert client.delete(address).json() == {"likes": 0, "liked": False}


def test_the_owner_publishes_withdraws_deletes_and_restores(client, user):
    picture = PictureFactory(owner=user)
    address = f"/api/pictures/{picture.pk}/"

    assert client.post(f"{address}publish/").json()["visibility"] == "public"
    assert client.post(f"{address}unpublish/").json()["visibility"] == "private"
    assert client.delete(address).status_code == 204
    assert_refused(client.get(address), 404)
    assert client.post(f"{address}restore/").status_code == 200
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("deed", ["publish/", "unpublish/", "restore/", ""])
def test_others_cannot_change_a_picture(client, deed):
    picture = published()
    address = f"/api/pictures/{picture.pk}/{deed}"

    answer = client.post(address) if deed else client.delete(address)

    assert_refused(answer, 403, "not_yours")
    assert Picture.objects.published().filter(pk=picture.pk).exists()


def test_a_hidden_picture_cannot_be_published(client, user):
    picture = PictureFactory(owner=user, is_hidden=True)

    assert_refused(client.post(f"/api/pictures/{picture.pk}/publish/"), 409, "hidden")


def test_the_own_list_holds_all_of_ones_own(client, user):
    private, public = PictureFactory(owner=user), published(owner=user)
    published(owner=UserFactory())

    assert set(ids(client.get("/api/pictures/mine/"))) == {str(private.pk), str(public.pk)}
    assert ids(client.get("/api/pictures/mine/?show=published")) == [str(public.pk)]
    assert_refused(client.get("/api/pictures/mine/?show=x"), 400, field="show")


def test_the_bytes_are_there_for_whoever_may_see_them(client, guest, user, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    picture = PictureFactory(owner=user)
    picture.path.parent.mkdir(parents=True)
    picture.path.write_bytes(b"png")

    answer = client.get(f"/api/pictures/{picture.pk}/file/", headers={"Accept": "image/png"})

    assert (answer.content, answer["Content-Type"]) == (b"png", "image/png")
    assert_refused(guest.get(f"/api/pictures/{picture.pk}/file/"), 404)
    assert_refused(client.get(f"/api/pictures/{picture.pk}/file/?width=256"), 404)
    assert_refused(client.get(f"/api/pictures/{picture.pk}/file/?width=7"), 400, field="width")
