"""My models: what is listed, and what becomes of whole models."""

import pytest
from django.utils import timezone

from models_hub.models import ModelCard
from tests.factories import ModelCardFactory, ModelVersionFactory, UserFactory


@pytest.fixture
def owner(client, db):
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def card(owner):
    found = ModelCardFactory(owner=owner, slug="ink", name="Ink hills")
    ModelVersionFactory(card=found, status="published", path="", layout="")
    return found


def listed(client, query=""):
    return client.get(f"/models/mine/{query}").content.decode()


def test_a_guest_is_sent_to_sign_in(client, db):
    assert client.get("/models/mine/")["Location"].startswith("/accounts/login/")


def test_only_my_models_are_listed(client, card):
    ModelCardFactory(owner=UserFactory(), name="Theirs")

    text = listed(client)

    assert "Ink hills" in text
    assert "Theirs" not in text


def test_a_word_narrows_the_list(client, card, owner):
    ModelCardFactory(owner=owner, name="Other")

    assert "Other" not in listed(client, "?q=ink")


def test_the_list_is_paged_and_asks_the_same_number_of_questions(client, owner, django_assert_max_num_queries):
    for _ in range(30):
        ModelVersionFactory(card=ModelCardFactory(owner=owner), status="draft")

    with django_assert_max_num_queries(20):
        text = listed(client)

    assert text.count('class="panel my-model"') == 24
    assert listed(client, "?page=2").count('class="panel my-model"') == 6


def test_a_model_is_withdrawn_with_a_reason(client, card):
    client.post("/models/ink/edit/withdraw/", {"reason": ""})
    card.refresh_from_db()
    assert card.status == "published"

    client.post("/models/ink/edit/withdraw/", {"reason": "Superseded"})

    card.refresh_from_db()
    assert (card.status, card.withdrawn_reason) == ("withdrawn", "Superseded")


def test_a_deleted_model_lies_in_the_trash_and_comes_back(client, card):
    client.post("/models/ink/edit/trash/")
    assert 'class="panel my-model"' not in listed(client)
    assert "Ink hills" in listed(client, "?show=trash")
    assert client.get("/models/ink/edit/model/").status_code == 404

    client.post("/models/ink/edit/restore/")

    assert ModelCard.objects.get().deleted_at is None


def test_nobody_elses_trash_is_emptied(client, card):
    ModelCard.objects.update(deleted_at=timezone.now())
    client.force_login(UserFactory())

    assert client.post("/models/ink/edit/restore/").status_code == 404
    assert ModelCard.objects.get().deleted_at


def test_deeds_return_to_this_site_alone(client, card):
    answer = client.post("/models/ink/edit/withdraw/", {"reason": "", "back": "https://evil.example/"})

    assert answer["Location"] == "/models/mine/"
