"""People, and things to say something about."""

import pytest
from django.utils import timezone

from tests.factories import ModelVersionFactory, PictureFactory, RecipeFactory, UserFactory


@pytest.fixture
def anna(db):
    return UserFactory(username="anna")


@pytest.fixture
def ben(db):
    return UserFactory(username="ben")


@pytest.fixture
def picture(anna):
    return published(anna)


def published(owner, **fields):
    picture = PictureFactory(owner=owner, visibility="public", published_at=timezone.now(), **fields)
    RecipeFactory(picture=picture)
    return picture


@pytest.fixture
def card(anna):
    return ModelVersionFactory(card__owner=anna, card__published_at=timezone.now()).card


@pytest.fixture(params=["picture", "card"])
def thing(request):
    """The rules are the same for both."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def moderator(db):
    return UserFactory(username="moderator", is_staff=True, is_superuser=True)
