"""The models of the form: a few at once, all of them in the picker, each with the reason why it could not draw now."""

import pytest

from accounts.models import Profile
from generation.scheduling import workers_report
from generation.views import offering
from tests.factories import JobFactory, ModelVersionFactory

PICKER = "/generate/resources/"


@pytest.fixture
def signed_in(client, owner, version):
    client.force_login(owner)
    return client


def checkpoints(number, family="sd1"):
    return [
        ModelVersionFactory(card__slug=f"{family}-{n}", card__name=f"{family} number {n}", card__family=family)
        for n in range(number)
    ]


def chosen(page):
    return page.split('name="model" value="')


def test_the_form_offers_a_dozen_and_the_picker_the_rest(signed_in):
    checkpoints(30)

    assert len(chosen(signed_in.get("/generate/").content.decode())) - 1 == offering.MOST
    page = signed_in.get(PICKER, {"kind": "checkpoint"}).content.decode()
    assert page.count("data-add=") == 24
    assert "page=2" in page


def test_the_model_that_was_asked_for_is_among_them(signed_in):
    last = checkpoints(30)[-1]

    page = signed_in.get("/generate/", {"model": last.card.slug}).content.decode()

    assert f'value="{last.card.slug}" checked' in page


def test_the_models_used_last_are_among_them(signed_in, owner):
    last = checkpoints(30)[-1]
    JobFactory(owner=owner, version=last)

    assert f'value="{last.card.slug}" checked' in signed_in.get("/generate/").content.decode()


@pytest.mark.parametrize(
    ("query", "number"), [({"q": "number 3"}, 1), ({"of": "sdxl"}, 2), ({"of": "magic"}, 0), ({"tab": "recent"}, 1)]
)
def test_the_picker_searches_by_name_family_and_use(signed_in, owner, query, number):
    used = checkpoints(5)[0]
    checkpoints(2, family="sdxl")
    JobFactory(owner=owner, version=used)

    page = signed_in.get(PICKER, {"kind": "checkpoint", **query}).content.decode()

    assert page.count("data-add=") == number


def test_a_model_that_no_worker_can_run_says_so(signed_in):
    checkpoints(1, family="sdxl")
    workers_report.publish("host-9", {"device": "cpu", "families": ["starter"], "cache": {"max_bytes": 10**9}})
    try:
        page = signed_in.get(PICKER, {"kind": "checkpoint", "of": "sdxl"}).content.decode()
    finally:
        workers_report.withdraw("host-9")

    assert "No running worker draws with models of the family" in page


@pytest.mark.parametrize("address", ["/generate/", f"{PICKER}?kind=checkpoint"])
def test_the_number_of_queries_does_not_grow_with_the_models(signed_in, address, django_assert_max_num_queries):
    checkpoints(2)
    signed_in.get(address)
    with django_assert_max_num_queries(80) as few:
        signed_in.get(address)
    checkpoints(9, family="sdxl")

    with django_assert_max_num_queries(len(few)):
        signed_in.get(address)


def test_models_beyond_the_readers_level_do_not_come_up(signed_in, owner):
    mature = ModelVersionFactory(card__slug="mature", card__name="Mature", card__content_level=1)
    pages = [PICKER + "?kind=checkpoint", "/generate/"]

    assert not any('value="mature"' in signed_in.get(page).content.decode() for page in pages)
    assert "Mature" not in signed_in.get(pages[0]).content.decode()

    Profile.objects.update_or_create(user=owner, defaults={"content_level": 1})
    assert all(mature.card.name in signed_in.get(page).content.decode() for page in pages)
