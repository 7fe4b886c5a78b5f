"""Tickets: wake-ups for workers. A ticket says only that there is work; which job, the database decides."""

import logging

import django_rq
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
RENDER, SMALL = "render", "small"


def issue(count=1):
    """Put `count` tickets on the render queue. Without Redis nothing is lost: the reaper issues them again."""
    try:
        queue = django_rq.get_queue(RENDER)
        for _ticket in range(count):
            queue.enqueue("generation.jobs.run_next", result_ttl=0, failure_ttl=3600)
    except RedisError as error:
        logger.warning("no ticket could be issued (%s); the reaper will", error)


def waiting():
    """How many tickets are on the render queue."""
    return django_rq.get_queue(RENDER).count
