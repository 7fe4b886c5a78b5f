"""A small hub: people of each kind, a published model with files."""

import pytest

from tests.factories import ModelVersionFactory, UserFactory


@pytest.fixture
def owner(db):
    return UserFactory(username="owner")


@pytest.fixture
def people(owner, db):
    """{who: user}, a guest being None."""
    staff = UserFactory(username="moderator", is_staff=True, is_superuser=True)
    return {"guest": None, "other": UserFactory(username="other"), "owner": owner, "moderator": staff}


@pytest.fixture
def version(owner):
    return ModelVersionFactory(card__name="Starter", card__slug="starter", card__owner=owner)


def sign_in(client, user):
    client.logout()
    if user:
        client.force_login(user)
    return client
