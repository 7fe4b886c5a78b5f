"""The list of models: filters, orders, pages, what a reader's level hides."""

import pytest
from django.utils import timezone

from models_hub import shelf
from models_hub.models import ModelCard, ModelSample, Tag
from tests.factories import ModelCardFactory, ModelVersionFactory
from tests.hub.conftest import sign_in

pytestmark = pytest.mark.django_db


def shown(client, query=""):
    return [card.slug for card in client.get(f"/models/{query}").context["page"].cards]


def walked(client, query):
    """Every slug of a list, page by page as the link "More models" leads."""
    seen, cursor = [], ""
    while True:
        page = client.get(f"/models/?part=1&{query}&cursor={cursor}").context["page"]
        seen, cursor = seen + [card.slug for card in page.cards], page.cursor
        if not cursor:
            return seen


@pytest.fixture
def two(owner):
    ink = ModelCardFactory(slug="ink", kind="lora", family="sdxl", category="style", owner=owner, likes=1, name="B")
    ink.tags.add(Tag.objects.create(key="ink", name="Ink", name_zh="水墨", models_count=1))
    cat = ModelCardFactory(slug="cat", family="sd1", likes=9, downloads=2, uses=3, name="A")
    ModelCard.objects.filter(slug="cat").update(last_version_at=timezone.now())
    return ink, cat


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ["cat", "ink"]),
        ("?kind=lora", ["ink"]),
        ("?family=sdxl", ["ink"]),
        ("?category=style", ["ink"]),
        ("?tag=ink", ["ink"]),
        ("?by=owner", ["ink"]),
        ("?kind=lora&family=sd1", []),
        ("?sort=likes", ["cat", "ink"]),
        ("?sort=name", ["cat", "ink"]),
        ("?kind=bogus&sort=bogus&level=x&cursor=bogus", ["cat", "ink"]),
    ],
)
def test_filters_and_orders_are_in_the_address(client, two, query, slugs):
    assert shown(client, query) == slugs


@pytest.mark.parametrize("sort", ["newest", "likes", "downloads", "uses", "name"])
def test_every_order_leads_through_all_models_once(client, monkeypatch, sort):
    monkeypatch.setattr(shelf.page_of, "__defaults__", ("", 3, shelf.for_shelf))
    for number in range(8):
        dated = timezone.now() if number % 3 else None  # some were published before dates were kept
        ModelCardFactory(likes=number // 3, downloads=1, uses=number, name=f"M{number % 4}", last_version_at=dated)

    seen = walked(client, f"sort={sort}")

    assert len(seen) == len(set(seen)) == 8


@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA", "WyJsaWtlcyIsIjEiLCJ4Il0", "9" * 500, "%00", "W" * 9000])
def test_a_cursor_nobody_gave_out_shows_the_first_page(client, two, cursor):
    for query in ("", "sort=likes&", "q=ink&"):
        assert client.get(f"/models/?{query}cursor={cursor}").status_code == 200


def test_guests_see_general_models_and_how_many_are_hidden(client, people):
    ModelCardFactory(slug="mild")
    ModelCardFactory.create_batch(2, content_level=2)

    page = client.get("/models/")
    assert [card.slug for card in page.context["page"].cards] == ["mild"]
    assert "2 models that fit are hidden" in page.content.decode()

    people["other"].profile.content_level = 2
    people["other"].profile.save()
    sign_in(client, people["other"])
    assert len(shown(client)) == 3
    assert len(shown(client, "?level=2")) == 2
    assert client.get("/models/").context["page"].hidden == 0


def test_mature_covers_are_blurred_for_who_wants_that(client, people):
    version = ModelVersionFactory(card__content_level=1)
    ModelSample.objects.create(version=version, image="a.png", width=8, height=8, prompt="x", seed=1)
    profile = people["other"].profile
    profile.content_level = 1
    profile.save()
    sign_in(client, people["other"])
    assert "model__cover--blurred" in client.get("/models/").content.decode()

    profile.blurs_mature = False
    profile.save()
    assert "model__cover--blurred" not in client.get("/models/").content.decode()


def test_an_empty_list_offers_one_way_on(client):
    page = client.get("/models/?q=nothing").content.decode()

    assert "No model fits" in page
    assert page.count("button--primary") == 2  # to search, and to all models


def test_drafts_and_the_samples_of_unpublished_versions_are_not_listed(client, two):
    ModelCardFactory(slug="draft", status="draft")
    version = ModelVersionFactory(card=two[0], status="draft")
    ModelSample.objects.create(version=version, image="a.png", width=8, height=8, prompt="x", seed=1)

    page = client.get("/models/")
    assert [card.slug for card in page.context["page"].cards] == ["cat", "ink"]
    assert "/samples/" not in page.content.decode()


def test_a_longer_list_costs_no_more_queries(client, people, django_assert_max_num_queries):
    for number in range(12):
        version = ModelVersionFactory(card__owner=people["owner"], card__likes=number)
        ModelSample.objects.create(version=version, image="a.png", width=8, height=8, prompt="x", seed=1)

    for query in ("", "?sort=likes", "?q=model", "?kind=checkpoint&q=model&sort=downloads"):
        with django_assert_max_num_queries(10):
            client.get(f"/models/{query}")
