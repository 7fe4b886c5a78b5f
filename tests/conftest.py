"""Fixtures that every part uses."""

import django_rq
import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _clean_redis():
    """Each test starts with empty queues and an empty cache."""
    for name in ("render", "small"):
        django_rq.get_queue(name).empty()
    cache.clear()


@pytest.fixture(autouse=True)
def _pages_are_rendered_anew(settings):
    """A test sees what it has just done; tests/common/test_guest_pages.py tests the memory of pages."""
    settings.GUEST_PAGE_SECONDS = 0


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    """The real hasher is slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
