"""The dialogs of the generate form: pictures to start from, resources to draw with."""

import pytest

from generation.models import JobLora
from generation.views import pickers
from tests.factories import JobFactory, ModelVersionFactory

PICTURES, RESOURCES = "/generate/pictures/", "/generate/resources/"


@pytest.fixture
def signed_in(client, owner, version):
    client.force_login(owner)
    return client


def body(response):
    return response.content.decode()


def lora(slug, family="starter", **fields):
    return ModelVersionFactory(card__kind="lora", card__slug=slug, card__name=slug, card__family=family, **fields)


def test_ones_own_pictures_are_offered_to_oneself_alone(client, people, make_picture):
    picture = make_picture("private")

    client.force_login(people["owner"])
    assert str(picture.pk) in body(client.get(PICTURES, {"of": "mine"}))
    client.force_login(people["other"])
    assert str(picture.pk) not in body(client.get(PICTURES, {"of": "mine"}))
    assert str(picture.pk) not in body(client.get(PICTURES, {"of": "gallery"}))


def test_the_gallery_offers_what_may_be_reused(client, people, make_picture):
    free, kept = make_picture(), make_picture(may_be_reused=False)

    client.force_login(people["other"])
    page = body(client.get(PICTURES, {"of": "gallery"}))

    assert str(free.pk) in page
    assert str(kept.pk) not in page


def test_a_guest_is_offered_no_pictures(client, picture):
    assert client.get(PICTURES).status_code == 302


def test_pictures_come_in_pages(signed_in, make_picture, monkeypatch):
    monkeypatch.setattr(pickers, "PAGE", 2)
    made = {str(make_picture().pk) for _ in range(3)}

    first = signed_in.get(PICTURES)
    more = body(first).split('data-more="')[1].split('"')[0].replace("&amp;", "&")
    second = body(signed_in.get(more))

    assert sum(key in body(first) for key in made) == 2
    assert sum(key in second for key in made) == 1
    assert "data-more" not in second


def test_what_fits_comes_first_and_a_misfit_says_why(signed_in):
    lora("fitting")
    lora("misfit", family="sdxl")

    page = body(signed_in.get(RESOURCES, {"kind": "lora", "family": "starter"}))

    assert page.index("fitting") < page.index("misfit")
    assert 'data-add="fitting"' in page
    assert 'data-add="misfit"' not in page
    assert "Made for SDXL: it does not fit the chosen model." in page


def test_resources_are_found_by_their_names(signed_in):
    lora("ink")
    lora("chalk")

    page = body(signed_in.get(RESOURCES, {"kind": "lora", "q": "chal"}))

    assert "chalk" in page
    assert 'data-add="ink"' not in page


def test_recent_shows_what_was_used_last_first(signed_in, owner, version):
    for slug in ("old", "new"):
        JobLora.objects.create(job=JobFactory(owner=owner, version=version), version=lora(slug))
    lora("unused")

    page = body(signed_in.get(RESOURCES, {"kind": "lora", "tab": "recent", "family": "starter"}))

    assert page.index('data-add="new"') < page.index('data-add="old"')
    assert "unused" not in page


def test_mine_shows_ones_own(signed_in, owner):
    lora("own", card__owner=owner)
    lora("foreign")

    page = body(signed_in.get(RESOURCES, {"kind": "lora", "tab": "mine"}))

    assert 'data-add="own"' in page
    assert "foreign" not in page


@pytest.mark.parametrize(
    "query", [{"kind": "lora", "page": "x"}, {"kind": "lora", "page": "-5"}, {"kind": "lora", "q": "\x00"}]
)
def test_a_mistyped_query_still_answers(signed_in, query):
    assert signed_in.get(RESOURCES, query).status_code == 200


def test_an_unknown_kind_is_not_found(signed_in):
    assert signed_in.get(RESOURCES, {"kind": "upscaler"}).status_code == 404


@pytest.mark.parametrize("address", [f"{RESOURCES}?kind=lora&family=starter", f"{RESOURCES}?kind=lora&tab=recent"])
def test_the_number_of_queries_does_not_grow(signed_in, owner, version, django_assert_max_num_queries, address):
    def add(slug):
        JobLora.objects.create(job=JobFactory(owner=owner, version=version), version=lora(slug))

    add("first")
    with django_assert_max_num_queries(50) as few:
        signed_in.get(address)
    for number in range(6):
        add(f"more-{number}")
    with django_assert_max_num_queries(len(few)):
        signed_in.get(address)
