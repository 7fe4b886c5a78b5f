import pytest
from rest_framework.test import APIClient

from accounts.models import ApiToken
from tests.factories import ModelVersionFactory, UserFactory

SHAPE = {"code", "message", "field", "retry_after"}


@pytest.fixture
def user(db):
    return UserFactory()


@pytest.fixture
def version(db):
    return ModelVersionFactory()


@pytest.fixture
def guest():
    return APIClient()


def client_of(user):
    """A client that carries a token of `user`."""
    _row, secret = ApiToken.issue(user, "test")
    return APIClient(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def client(user):
    return client_of(user)


def assert_refused(response, status, code=None, field=None):
    """The one shape of errors, with a sentence; optionally a certain code and field."""
    answer = response.json()
    assert response.status_code == status, answer
    assert set(answer) == SHAPE
    assert answer["message"]
    assert code is None or answer["code"] == code
    assert field is None or answer["field"] == field
    assert "Retry-After" not in response or answer["retry_after"] == int(response["Retry-After"])
    return answer
