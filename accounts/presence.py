"""Who is online: kept in Redis alone, so that looking around costs no write to the database.

One sorted set holds when each user was last heard of. A job writes `Profile.last_seen_at` from it every few minutes
(accounts.jobs.note_presence). While Redis is away nobody is shown online and nothing else happens.
"""

import logging
import time

from django_redis import get_redis_connection
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from accounts.models import Profile

logger = logging.getLogger(__name__)

HEARD = "visionary:presence:heard"  # user id -> seconds since the epoch
# A reader who turns no page for this long has probably gone.
ONLINE_SECONDS = 300
# While Redis does not answer it is left alone for this long: a page must not wait for it again and again.
PAUSE = 10
AWAY = (RedisError, ConnectionInterrupted, OSError)
_quiet_until = 0.0


def asked(deed, otherwise):
    """What `deed(redis)` answers, or `otherwise` while Redis is away."""
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return otherwise
    try:
        return deed(get_redis_connection("default"))
    except AWAY as error:
        _quiet_until = time.monotonic() + PAUSE
        logger.warning("Presence is not kept while Redis is away: %s", error)
        return otherwise


def touch(user):
    """`user` was heard of just now."""
    asked(lambda redis: redis.zadd(HEARD, {user.pk: time.time()}), None)


def forget(user):
    """`user` is offline at once: signed out, or does not want to be seen."""
    asked(lambda redis: redis.zrem(HEARD, user.pk), None)


def is_online(users):
    """The ids of those `users` who were heard of lately and who let it be seen. At most one query."""
    ids = [user.pk for user in users if user.is_active]
    if not ids:
        return set()
    since = time.time() - ONLINE_SECONDS
    heard = asked(lambda redis: redis.zmscore(HEARD, ids), [])
    here = [pk for pk, moment in zip(ids, heard, strict=False) if moment and moment >= since]
    return set(Profile.objects.filter(user__in=here, shows_presence=True).values_list("user_id", flat=True))


def heard_since(moment):
    """{user id: seconds since the epoch} of all who were heard of after `moment`, and drop what is older than a day."""

    def read(redis):
        redis.zremrangebyscore(HEARD, 0, time.time() - 86_400)
        return {int(pk): at for pk, at in redis.zrangebyscore(HEARD, moment, "+inf", withscores=True)}

    return asked(read, {})


class PresenceMiddleware:
    """Hears of whoever turns pages. One Redis command, and no query of its own: who asks is known by then or never.

    A program that comes with a token is nobody sitting there.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        came_as = getattr(request, "_cached_user", None)
        if came_as is not None and came_as.is_authenticated:
            # Signing out leaves nobody in `request.user`.
            (touch if request.user.is_authenticated else forget)(came_as)
        return response
