"""The gallery: filters in the address, pages by cursor, and nothing that grows with the number of pictures."""

import base64
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from gallery import feed
from gallery.forms import FeedForm
from gallery.models import Picture
from tests.factories import ModelVersionFactory, PictureFactory, RecipeFactory

TILE = re.compile(r'id="tile-([0-9a-f-]+)"')
MORE = re.compile(r'data-more href="([^"]+)"')


def tiles(response):
    return TILE.findall(response.content.decode())


def walk(client, address):
    """All tiles from the first page to the last, by the links."""
    found = []
    while address:
        response = client.get(address)
        found += tiles(response)
        link = MORE.search(response.content.decode())
        address = link and "/gallery/" + link[1].replace("&amp;", "&")
    return found


@pytest.fixture
def many(owner, version):
    """Publishes n pictures at the same moment: only the id tells them apart."""

    def publish(count, **fields):
        now = timezone.now()
        rows = [
            PictureFactory.build(owner=owner, visibility="public", published_at=now, **fields) for _n in range(count)
        ]
        Picture.objects.bulk_create(rows)
        for picture in rows:
            RecipeFactory(picture=picture, version=version)
        return rows

    return publish


@pytest.mark.parametrize("sort", ["new", "top"])
def test_the_links_show_every_picture_once(client, many, sort):
    rows = many(2 * feed.PAGE + 5)

    found = walk(client, f"/gallery/?sort={sort}")

    assert len(found) == len(rows)
    assert set(found) == {str(row.pk) for row in rows}


def test_a_picture_published_meanwhile_moves_no_page(client, many, make_picture):
    many(feed.PAGE + 3)
    first = client.get("/gallery/")
    make_picture()

    second = client.get("/gallery/" + MORE.search(first.content.decode())[1].replace("&amp;", "&"))

    assert not set(tiles(first)) & set(tiles(second))
    assert len(tiles(second)) == 3


def cursor_of(text):
    return base64.urlsafe_b64encode(text.encode()).decode()


# Moments that have no UTC, and brackets too deep to read.
FOUL = [
    cursor_of('["0001-01-01T00:00:00+14:00", "00000000000000000000000000000000"]'),
    cursor_of('["9999-12-31T23:59:59-14:00", "00000000000000000000000000000000"]'),
    cursor_of("[" * 3000),
]


@pytest.mark.parametrize("cursor", ["x", "%00", "bm9wZQ", "WzEsMl0", "W251bGwsbnVsbF0", "e30", "9" * 5000, *FOUL])
def test_a_cursor_that_was_tampered_with_gives_the_first_page(client, picture, cursor):
    response = client.get(f"/gallery/?cursor={cursor}")

    assert tiles(response) == [str(picture.pk)]


def test_filters_are_in_the_address_and_stay_in_the_link(client, many, version):
    many(feed.PAGE + 1)
    other = ModelVersionFactory(card__slug="other")
    RecipeFactory(picture=PictureFactory(visibility="public", published_at=timezone.now()), version=other)

    response = client.get("/gallery/?model=starter")

    assert len(walk(client, "/gallery/?model=starter")) == feed.PAGE + 1
    assert "model=starter" in MORE.search(response.content.decode())[1]


def test_most_liked_of_a_period_comes_first(client, make_picture):
    make_picture(likes=9, published_at=timezone.now() - timedelta(days=20))
    liked, plain = make_picture(likes=3), make_picture(likes=1)

    assert tiles(client.get("/gallery/?sort=top&period=week")) == [str(liked.pk), str(plain.pk)]


def test_private_unlisted_and_hidden_pictures_stay_out(client, make_picture):
    make_picture("private"), make_picture("unlisted"), make_picture(is_hidden=True)

    assert tiles(client.get("/gallery/")) == []


def test_a_part_is_the_rows_alone(client, picture):
    response = client.get("/gallery/?part=1")

    assert tiles(response) == [str(picture.pk)]
    assert "<html" not in response.content.decode()


def test_the_place_of_every_picture_is_reserved(client, make_picture):
    picture = make_picture(width=512, height=384, placeholder="data:image/webp;base64,AAAA")

    page = client.get("/gallery/").content.decode()

    assert "--ratio:1.3333;--placeholder:url(data:image/webp;base64,AAAA)" in page
    assert f'width="{picture.width}" height="{picture.height}"' in page


ADDRESSES = ["/", "/gallery/", "/gallery/?sort=top", "/creations/", "/u/owner/", "/models/starter/", "picture"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_queries_and_weight_do_not_grow_with_the_pictures(client, many, owner, address, django_assert_max_num_queries):
    client.force_login(owner)
    first = many(10, placeholder="data:image/webp;base64," + "A" * 600)[0]
    address = first.get_absolute_url() if address == "picture" else address

    with django_assert_max_num_queries(20) as few:
        client.get(address)
    many(190, placeholder="data:image/webp;base64," + "A" * 600)
    with django_assert_max_num_queries(20) as lots:
        response = client.get(address)

    assert len(lots) <= len(few) + 1  # the neighbour's own row
    assert len(response.content) < 200_000


def test_my_creations_are_filtered(client, owner, people, make_picture):
    client.force_login(owner)
    public, private = make_picture(), make_picture("private")
    gone = make_picture(deleted_at=timezone.now())
    liked = make_picture(user=people["other"])
    client.post(f"{liked.get_absolute_url()}like/")

    shown = {show: set(tiles(client.get(f"/creations/?show={show}"))) for show in ("", "private", "published")}
    assert shown == {"": {str(public.pk), str(private.pk)}, "private": {str(private.pk)}, "published": {str(public.pk)}}
    assert tiles(client.get("/creations/?show=liked")) == [str(liked.pk)]
    assert tiles(client.get("/creations/?show=trash")) == [str(gone.pk)]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="other databases plan small tables by their size")
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"model": "any"}, "picture_with"),
        ({"model": "any", "sort": "top"}, "picture_with_liked"),
        ({"by": "any"}, "picture_by"),
        ({"by": "any", "sort": "top"}, "picture_by_liked"),
    ],
)
def test_the_feed_of_one_model_or_person_is_read_from_an_index(db, query, index):
    form = FeedForm(query)
    plan = form.apply(Picture.objects.published()).order_by(f"-{form.order()}", "-pk").explain()

    assert f"USING INDEX {index} " in plan
    assert "TEMP B-TREE" not in plan
