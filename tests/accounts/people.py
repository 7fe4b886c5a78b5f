"""People of each role, and what they carry."""

from importlib import import_module

from django.apps import apps
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from accounts import grants, roles
from accounts.models import ApiToken
from tests.factories import UserFactory

# Where moderators are given what they may do.
GRANTS = (
    "accounts.migrations.0005_roles",
    "social.migrations.0004_moderators",
    "models_hub.migrations.0009_moderators",
)


def administrator(**fields):
    return UserFactory(is_staff=True, is_superuser=True, **fields)


def moderator(**fields):
    """With the permissions that the migrations gave; a test that flushes the database makes the group anew."""
    user = UserFactory(is_staff=True, **fields)
    if not Group.objects.filter(name=roles.MODERATORS).exists():
        for name in GRANTS:
            grants.give(apps, None, group=roles.MODERATORS, permissions=import_module(name).MODERATORS)
    user.groups.add(Group.objects.get(name=roles.MODERATORS))
    return user


def trusted(**fields):
    user = UserFactory(**fields)
    user.groups.add(Group.objects.get_or_create(name=roles.TRUSTED)[0])
    return user


def with_token(user, scopes=(), **fields):
    """An API client that carries a token of `user`."""
    _row, secret = ApiToken.issue(user, "test", scopes=scopes, **fields)
    return APIClient(headers={"Authorization": f"Bearer {secret}"})
