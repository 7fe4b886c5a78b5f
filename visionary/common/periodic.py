"""What is done every now and then by the small-jobs worker.

Apps register in AppConfig.ready; the keeper of the small-jobs worker asks `order_due` every half minute. That a deed
was ordered is remembered in the cache: losing it, or two workers, does one too often, never too rarely.
"""

import django_rq
from django.core.cache import cache
from redis.exceptions import RedisError

LOOK_SECONDS = 30
_deeds: dict[str, int] = {}


def every(seconds: int, job: str) -> None:
    """Have `job` (dotted path of a function without arguments) done about every `seconds`."""
    _deeds[job] = seconds


def order_due() -> list[str]:
    """Order what is due; returns what was ordered."""
    return [job for job, seconds in _deeds.items() if cache.add(f"periodic:{job}", 1, seconds) and ordered(job)]


def ordered(job: str) -> bool:
    try:
        django_rq.get_queue("small").enqueue(job, result_ttl=0)
    except RedisError:
        cache.delete(f"periodic:{job}")
        return False
    return True
