"""The cache, and what it says while Redis is away."""

import logging

from django_redis.cache import RedisCache


class Cache(RedisCache):
    """Answers like an empty cache while its server is away (with IGNORE_EXCEPTIONS).

    django-redis then answers None to `add`, which reads as "there is such a key": allauth, which takes a lock
    that way before it counts an attempt, would refuse every sign-in with 429.
    """

    def add(self, *args, **kwargs):
        added = super().add(*args, **kwargs)
        return True if added is None else added


class WithoutTraceback(logging.Filter):
    """Says in one line, instead of eighty, that the cache did not answer; every page asks it several times."""

    def filter(self, record):
        if record.exc_info:
            why = record.exc_info[1].__cause__ or record.exc_info[1]
            record.msg, record.args, record.exc_info = f"The cache does not answer: {why}", (), None
        return True
