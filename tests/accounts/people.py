"""People of each role, and what they carry."""

from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from accounts import roles
from accounts.models import ApiToken
from tests.factories import UserFactory

DEEDS = ("accounts.add_sanction", "accounts.change_sanction", "accounts.view_user", "accounts.trust_user")


def administrator(**fields):
    return UserFactory(is_staff=True, is_superuser=True, **fields)


def moderator(**fields):
    """With the permissions that the migration gave; a test that flushes the database makes the group anew."""
    from django.contrib.auth.models import Permission

    user = UserFactory(is_staff=True, **fields)
    group, is_new = Group.objects.get_or_create(name=roles.MODERATORS)
    if is_new:
        codes = [name.split(".")[1] for name in DEEDS]
        group.permissions.add(*Permission.objects.filter(content_type__app_label="accounts", codename__in=codes))
    user.groups.add(group)
    return user


def trusted(**fields):
    user = UserFactory(**fields)
    user.groups.add(Group.objects.get_or_create(name=roles.TRUSTED)[0])
    return user


def with_token(user, scopes=(), **fields):
    """An API client that carries a token of `user`."""
    _row, secret = ApiToken.issue(user, "test", scopes=scopes, **fields)
    return APIClient(headers={"Authorization": f"Bearer {secret}"})
