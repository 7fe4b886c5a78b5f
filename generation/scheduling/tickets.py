"""Tickets: wake-ups for workers. A ticket says only that there is work; which job, the database decides."""

import logging

import django_rq
from redis.exceptions import RedisError
from rq import Queue

logger = logging.getLogger(__name__)
RENDER, SMALL = "render", "small"
# A worker's own queue goes with it.
OWN_QUEUE_SECONDS = 3600


def issue(count=1, worker=None):
    """Put `count` tickets on the render queue, or on one worker's own.

    Without Redis nothing is lost: the reaper issues them again.
    """
    try:
        queue = own_queue(worker) if worker else django_rq.get_queue(RENDER)
        for _ticket in range(count):
            queue.enqueue("generation.rendering.jobs.run_next", result_ttl=0, failure_ttl=3600)
        if worker:
            queue.connection.expire(queue.key, OWN_QUEUE_SECONDS)
    except RedisError as error:
        logger.warning("no ticket could be issued (%s); the reaper will", error)


def own_queue(worker):
    """The queue that only `worker` listens to: for jobs that not everybody can run."""
    shared = django_rq.get_queue(RENDER)
    name = f"{RENDER}:{worker}"
    return Queue(name, connection=shared.connection, serializer=shared.serializer, default_timeout=timeout(shared))


def timeout(queue):
    return queue._default_timeout


def waiting():
    """How many tickets are on the render queue."""
    return django_rq.get_queue(RENDER).count
