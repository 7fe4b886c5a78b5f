"""Likes of models, counted as those of pictures are."""

import pytest

from accounts.models import OPEN_END
from models_hub.models import ModelCard
from social import services
from social.models import ModelLike
from tests.factories import ModelCardFactory, UserFactory
from tests.social.at_once import at_once
from visionary.common.exceptions import DomainError


@pytest.mark.django_db(transaction=True)
def test_likes_of_many_at_once_are_all_counted():
    card, users = ModelCardFactory(), [UserFactory(password="x") for _n in range(10)]

    at_once(services.like_model, [{"card": card, "by": user} for user in users] * 2)

    card.refresh_from_db()
    assert card.likes == ModelLike.objects.count() == 10


def test_a_click_likes_and_another_takes_it_back(client, ben, card):
    client.force_login(ben)

    for value, likes in (("1", 1), ("1", 1), ("0", 0)):
        address = f"/models/{card.slug}/like/"
        page = client.post(address, {"value": value}, headers={"HX-Request": "true"}).content.decode()
        assert ModelCard.objects.get().likes == likes
        assert f'aria-pressed="{"true" if likes else "false"}"' in page


def test_programs_like_models(client, ben, card):
    client.force_login(ben)

    assert client.post(f"/api/models/{card.slug}/like/").json() == {"likes": 1, "liked": True}
    assert client.delete(f"/api/models/{card.slug}/like/").json() == {"likes": 0, "liked": False}


def test_a_draft_cannot_be_liked_by_others(client, ben):
    card = ModelCardFactory(status="draft")
    client.force_login(ben)

    assert client.post(f"/models/{card.slug}/like/").status_code == 404
    assert client.post(f"/api/models/{card.slug}/like/").status_code == 404


def test_who_is_banned_likes_nothing(ben, card, picture):
    ben.banned_until = OPEN_END

    for deed in (lambda: services.like_model(card=card, by=ben), lambda: services.like(picture=picture, by=ben)):
        with pytest.raises(DomainError):
            deed()


def test_a_model_above_ones_level_is_out_of_reach(client, ben, card):
    ModelCard.objects.update(content_level=2)
    client.force_login(ben)

    for address in (f"/models/{card.slug}/like/", f"/models/{card.slug}/comments/"):
        assert client.post(address, {"value": "1", "text": "hi"}).status_code == 404
        assert client.post(f"/api{address}", {"text": "hi"}, "application/json").status_code == 404
