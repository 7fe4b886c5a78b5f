"""A small site to look at: people of each kind, a model, published and private pictures."""

import pytest
from django.utils import timezone

from tests.factories import ModelVersionFactory, PictureFactory, RecipeFactory, UserFactory


@pytest.fixture
def owner(db):
    return UserFactory(username="owner")


@pytest.fixture
def people(owner, db):
    """{who: user}, a guest being None."""
    moderator = UserFactory(username="moderator", is_staff=True, is_superuser=True)
    return {"guest": None, "other": UserFactory(username="other"), "owner": owner, "moderator": moderator}


@pytest.fixture
def version(db):
    return ModelVersionFactory(card__name="Starter", card__slug="starter", example_prompts={"en": ["a rocket"]})


@pytest.fixture
def make_picture(owner, version):
    """A picture with a recipe; published unless told otherwise."""

    def make(visibility="public", user=None, **fields):
        recipe = {"prompt": fields.pop("prompt", "a red apple"), "version": fields.pop("version", version)}
        published = timezone.now() if visibility == "public" else None
        picture = PictureFactory(
            **{"owner": user or owner, "visibility": visibility, "published_at": published} | fields
        )
        RecipeFactory(picture=picture, **recipe)
        return picture

    return make


@pytest.fixture
def picture(make_picture):
    return make_picture()


@pytest.fixture
def with_file():
    """Writes bytes where a picture's file belongs."""

    def write(picture, data=b"\x89PNG not really"):
        picture.path.parent.mkdir(parents=True, exist_ok=True)
        picture.path.write_bytes(data)
        return picture

    return write
