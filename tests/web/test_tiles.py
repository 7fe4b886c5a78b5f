"""Results as tiles: an endless list, deeds for several pictures at once, their ZIP, the lightbox's side."""

import io
import zipfile
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gallery import selection
from gallery.models import Picture
from generation.models import Result
from tests.factories import JobFactory

NOWHERE = "00000000-0000-0000-0000-000000000000"
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def mine(make_picture, with_file, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return [with_file(make_picture("private", prompt=f"picture {n}"), data=b"PNG %d" % n) for n in range(3)]


def ids(pictures):
    return {"picture": [picture.pk for picture in pictures]}


def test_the_zip_holds_the_originals_in_the_order_chosen(signed_in, mine):
    chosen = [mine[2], mine[0]]

    response = signed_in.post("/creations/zip/", ids(chosen))

    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert [archive.read(name) for name in archive.namelist()] == [b"PNG 2", b"PNG 0"]
    assert "picture 2" in archive.namelist()[0]
    assert archive.testzip() is None


def test_the_zip_is_sent_while_it_is_made(mine):
    parts = list(selection.zipped(mine))

    assert len(parts) == len(mine) + 1
    assert all(b"PNG %d" % n in part for n, part in enumerate(parts[:-1]))
    assert not any(b"PNG 0" in part for part in parts[1:])


def test_a_missing_file_does_not_spoil_the_zip(signed_in, mine):
    mine[1].path.unlink()

    response = signed_in.post("/creations/zip/", ids(mine))

    assert len(zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))).namelist()) == 2


@pytest.mark.parametrize("address", ["/creations/zip/", "/creations/selected/trash/", "/creations/selected/publish/"])
@pytest.mark.parametrize("who", ["guest", "other", "moderator"])
def test_only_the_owner_does_anything_with_a_selection(client, people, mine, address, who):
    if people[who]:
        client.force_login(people[who])

    response = client.post(address, ids(mine[:1]))

    assert response.status_code == (404 if people[who] else 302)
    assert Picture.objects.filter(deleted_at=None, visibility="private").count() == 3


def test_one_foreign_picture_spoils_the_whole_selection(signed_in, mine, make_picture, people):
    theirs = make_picture(user=people["other"])

    assert signed_in.post("/creations/selected/trash/", ids([mine[0], theirs])).status_code == 404
    assert not Picture.objects.exclude(deleted_at=None).exists()


def test_a_selection_goes_to_the_trash_and_comes_back(signed_in, mine):
    told = signed_in.post("/creations/selected/trash/", ids(mine[:2]), **JSON).json()
    assert Picture.objects.exclude(deleted_at=None).count() == 2

    signed_in.post("/creations/selected/restore/", {"picture": told["pictures"]}, **JSON)
    assert not Picture.objects.exclude(deleted_at=None).exists()


def test_a_selection_is_published(signed_in, mine):
    told = signed_in.post("/creations/selected/publish/", ids(mine), **JSON).json()

    assert told["said"].startswith("3 pictures")
    assert Picture.objects.published().count() == 3


def test_publishing_stops_at_what_a_moderator_has_hidden(signed_in, mine):
    Picture.objects.filter(pk=mine[2].pk).update(is_hidden=True)

    response = signed_in.post("/creations/selected/publish/", ids(mine), **JSON)

    assert response.status_code == 409
    assert "moderator" in response.json()["error"]
    assert not Picture.objects.published().exists()


@pytest.mark.parametrize("asked", [{}, {"picture": [NOWHERE] * 1 + [f"{n:08}{NOWHERE[8:]}" for n in range(1, 102)]}])
def test_too_few_and_too_many_are_told_in_a_sentence(signed_in, asked):
    response = signed_in.post("/creations/selected/trash/", asked, **JSON)

    assert response.status_code == 400
    assert response.json()["error"].startswith("Choose at")


@pytest.mark.parametrize("address", ["/creations/selected/explode/", "/creations/selected/hide/"])
def test_there_are_no_other_deeds(signed_in, mine, address):
    assert signed_in.post(address, ids(mine)).status_code == 404


def test_a_mistyped_id_is_nobodys_picture(signed_in, db):
    assert signed_in.post("/creations/zip/", {"picture": "nonsense"}).status_code == 404


def test_results_are_paged_without_gaps_or_repeats(signed_in, owner, version):
    jobs = JobFactory.create_batch(30, owner=owner, version=version, state="cancelled")
    shown, cursor = [], ""
    while True:
        page = signed_in.get("/results/", {"part": 1, "cursor": cursor}).context["page"]
        shown += page.jobs
        if not (cursor := page.cursor):
            break

    assert len(shown) == len(set(shown)) == len(jobs)
    assert all(one.created_at >= other.created_at for one, other in pairwise(shown))


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "bnVsbA", "WzEsMl0"])
def test_a_tampered_cursor_gives_the_first_page(signed_in, owner, version, cursor):
    JobFactory(owner=owner, version=version)

    assert len(signed_in.get("/results/", {"part": 1, "cursor": cursor}).context["page"].jobs) == 1


def test_results_are_filtered_by_kind_and_model(signed_in, owner, version):
    JobFactory(owner=owner, version=version)
    other = JobFactory(owner=owner, kind="upscale")

    by_kind = signed_in.get("/results/?part=1&made=upscale").context["page"].jobs
    by_model = signed_in.get(f"/results/?part=1&of_model={other.version.card.slug}").context["page"].jobs
    unreadable = signed_in.get("/results/?part=1&made=magic&since=ever").context["page"].jobs

    assert by_kind == by_model == [other]
    assert len(unreadable) == 2


def test_a_page_of_results_costs_the_same_however_many(signed_in, owner, version, make_picture):
    counted = []
    for _ in range(5):
        job = JobFactory(owner=owner, version=version, state="done")
        Result.objects.create(job=job, index=0, picture=make_picture())
        with CaptureQueriesContext(connection) as queries:
            signed_in.get("/results/?part=1")
        counted.append(len(queries))

    assert counted[1] == counted[-1]


@pytest.mark.parametrize(
    ("visibility", "who", "status"),
    [("private", "other", 404), ("private", "guest", 404), ("private", "owner", 200), ("public", "guest", 200)],
)
def test_the_side_of_the_lightbox_is_for_those_who_may_see_the_picture(
    client, people, make_picture, visibility, who, status
):
    if people[who]:
        client.force_login(people[who])

    response = client.get(f"/pictures/{make_picture(visibility, prompt='a green pear').pk}/side/")

    assert response.status_code == status
    assert ("a green pear" in response.content.decode()) == (status == 200)


def test_an_empty_page_offers_four_ways_to_begin(client, version, make_picture):
    picture = make_picture()

    cards = client.get("/generate/").content.decode()

    assert "?prompt=a+rocket&amp;model=starter" in cards
    for kind in ("img2img", "inpaint", "upscale"):
        assert f"source={picture.pk}&amp;kind={kind}" in cards
