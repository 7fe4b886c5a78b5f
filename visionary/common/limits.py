"""How often somebody may do something: counters in the cache, one per window of time."""

import hashlib
import time

from django.core.cache import cache
from django.utils.translation import gettext as _

from visionary.common.exceptions import DomainError


class TooMany(DomainError):
    code = "too_many_requests"
    status = 429


def count(name: str, subject: str, *, most: int, seconds: int) -> None:
    """Count one more `name` by `subject` (an address, an account); raises TooMany beyond `most` in `seconds`.

    Without its cache the site counts nothing: it stays usable while Redis is away.
    """
    now = time.time()
    key = _key(name, subject, now, seconds)
    cache.add(key, 0, seconds + 1)
    try:
        number = cache.incr(key)
    except ValueError:
        return
    if number and number > most:
        wait = int(seconds - now % seconds) + 1
        raise TooMany(_("Too many attempts. Try again in %(seconds)d seconds.") % {"seconds": wait}, retry_after=wait)


def forgive(name: str, subject: str, *, seconds: int) -> None:
    """Forget what was counted in this window: the attempts turned out to be honest."""
    cache.delete(_key(name, subject, time.time(), seconds))


def _key(name: str, subject: str, now: float, seconds: int) -> str:
    # Hashed: what was typed into a login field may be a password.
    digest = hashlib.sha256(subject.encode(errors="replace")).hexdigest()[:32]
    return f"limit:{name}:{digest}:{int(now // seconds)}"
