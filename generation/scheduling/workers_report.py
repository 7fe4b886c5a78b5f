"""What the workers say of themselves: kept in Redis, and believed for half a minute, so that a dead one disappears."""

import json
from datetime import datetime, timedelta

import django_rq
from django.utils import timezone
from redis.exceptions import RedisError

KEEP_SECONDS = 30
# One hash, a field for each worker: asking costs one command, however full Redis is.
KEY = "worker-reports"


def publish(name, report):
    report = {"name": name, "seen_at": timezone.now().isoformat(), **report}
    connection = django_rq.get_connection("render")
    connection.hset(KEY, name, json.dumps(report, default=str))
    if gone := [stored["name"] for stored in stored_reports(connection) if not is_live(stored)]:
        connection.hdel(KEY, *gone)


def withdraw(name):
    django_rq.get_connection("render").hdel(KEY, name)


def live_workers():
    """The reports of all workers heard of lately, by name. Empty when Redis is down."""
    try:
        reports = stored_reports(django_rq.get_connection("render"))
    except RedisError:
        return []
    return sorted(filter(is_live, reports), key=lambda report: report["name"])


def stored_reports(connection):
    return [json.loads(report) for report in connection.hvals(KEY)]


def is_live(report):
    return timezone.now() - datetime.fromisoformat(report["seen_at"]) < timedelta(seconds=KEEP_SECONDS)
