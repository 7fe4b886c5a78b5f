"""The administrator of a new site."""

import os
import secrets

from django.contrib.auth import get_user_model
from django.db import transaction

NAME = "admin"


@transaction.atomic
def create_administrator():
    """Make the first administrator, unless there is one; return (username, password or None).

    With DJANGO_SUPERUSER_PASSWORD (and _USERNAME, _EMAIL) in the environment those are used, and the password is
    not told again: None. Returns None when the site already has an administrator.
    """
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    given = os.environ.get("DJANGO_SUPERUSER_PASSWORD")
    password = given or secrets.token_urlsafe(12)
    name = free_name(os.environ.get("DJANGO_SUPERUSER_USERNAME") or NAME)
    users.create_superuser(name, os.environ.get("DJANGO_SUPERUSER_EMAIL", ""), password)
    return name, None if given else password


def free_name(name):
    """`name`, or with a number behind it when a visitor was faster."""
    taken = get_user_model().objects.filter
    number, free = 1, name
    while taken(username__iexact=free).exists():
        number += 1
        free = f"{name}{number}"
    return free
