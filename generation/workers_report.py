"""What the workers say of themselves: kept in Redis for half a minute, so that a dead worker disappears by itself."""

import json

import django_rq
from django.utils import timezone
from redis.exceptions import RedisError

KEEP_SECONDS = 30
PREFIX = "worker-report:"


def publish(name, report):
    report = {"name": name, "seen_at": timezone.now().isoformat(), **report}
    django_rq.get_connection("render").set(PREFIX + name, json.dumps(report, default=str), ex=KEEP_SECONDS)


def withdraw(name):
    django_rq.get_connection("render").delete(PREFIX + name)


def live_workers():
    """The reports of all workers heard of lately, by name. Empty when Redis is down."""
    try:
        connection = django_rq.get_connection("render")
        keys = sorted(connection.scan_iter(match=PREFIX + "*"))
        return [json.loads(report) for report in (connection.mget(keys) if keys else []) if report]
    except RedisError:
        return []
