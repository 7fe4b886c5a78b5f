"""The model hub by the API, and the document that describes it all."""

import pytest
from django.core.management import call_command

from models_hub.models import ModelCard
from tests.api.conftest import assert_refused
from tests.factories import ModelCardFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db


def slugs(answer):
    return [row["slug"] for row in answer.json()["results"]]


def test_the_list_holds_published_models(guest):
    shown = ModelVersionFactory().card
    ModelCardFactory(status=ModelCard.Status.DRAFT)

    answer = guest.get("/api/models/")

    assert slugs(answer) == [shown.slug]
    assert answer.json()["results"][0]["versions"][0]["sha256"] == shown.versions.get().sha256
    assert "path" not in answer.json()["results"][0]["versions"][0]


@pytest.mark.django_db(transaction=True)
def test_the_list_can_be_filtered(guest):
    lora = ModelCardFactory(kind=ModelCard.Kind.LORA, family="sd1", name="Watercolour", category="style", likes=3)
    ModelCardFactory()

    for query in ({"kind": "lora"}, {"family": "sd1"}, {"q": "water"}, {"category": "style"}, {"sort": "likes"}):
        if "sort" in query:
            assert slugs(guest.get("/api/models/", query))[0] == lora.slug
            continue
        assert slugs(guest.get("/api/models/", query)) == [lora.slug]
    assert slugs(guest.get("/api/models/", {"q": "nothing"})) == []
    assert_refused(guest.get("/api/models/", {"kind": "x"}), 400, field="kind")
    assert_refused(guest.get("/api/models/", {"q": "\x00"}), 400, field="q")
    assert_refused(guest.get("/api/models/", {"sort": "x"}), 400, field="sort")


def test_a_longer_list_costs_no_more_queries(guest, django_assert_num_queries):
    ModelVersionFactory.create_batch(8)

    # models, how many are hidden, tags, versions, samples, files, hashes
    with django_assert_num_queries(6):
        guest.get("/api/models/")


def test_pages_follow_each_other_to_the_end(guest):
    for number in range(5):
        ModelCardFactory(likes=number // 2)

    for sort in ("newest", "likes", "name"):
        seen, address = [], f"/api/models/?sort={sort}&page_size=2"
        while address:
            answer = guest.get(address)
            seen, address = seen + slugs(answer), answer.json()["next"]
        assert len(seen) == len(set(seen)) == 5
    assert guest.get("/api/models/?page_size=1000").status_code == 400


def test_a_reader_gets_models_up_to_their_level(client, guest, user):
    explicit = ModelCardFactory(content_level=2)

    assert slugs(guest.get("/api/models/")) == slugs(client.get("/api/models/")) == []
    assert_refused(guest.get(f"/api/models/{explicit.slug}/"), 404)

    user.profile.content_level = 2
    user.profile.save()
    assert slugs(client.get("/api/models/")) == [explicit.slug]
    assert client.get(f"/api/models/{explicit.slug}/").json()["content_level"] == 2


def test_a_draft_is_there_for_its_owner_only(client, guest, user):
    draft = ModelCardFactory(status=ModelCard.Status.DRAFT, owner=user)

    assert client.get(f"/api/models/{draft.slug}/").status_code == 200
    assert_refused(guest.get(f"/api/models/{draft.slug}/"), 404)


def test_the_samplers_are_those_of_the_engine(guest):
    assert {"slug": "euler", "label": "Euler"} in guest.get("/api/samplers/").json()


def test_the_openapi_document_is_valid_and_complete(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))

    assert "/api/jobs/{job_id}/cancel/:" in (tmp_path / "schema.yml").read_text()


def test_the_document_and_the_try_out_page_load_nothing_from_outside(guest):
    assert guest.get("/api/schema/").json()["openapi"].startswith("3.")

    page = guest.get("/api/docs/").content.decode()
    assert guest.options("/api/docs/").status_code == 405
    assert "swagger-ui-bundle" in page
    assert "//cdn" not in page
    assert "https://" not in page
