"""The numbers of the back office's first page and of its page of workers."""

import shutil
from datetime import datetime, timedelta
from statistics import median

import django_rq
from django.conf import settings
from django.db.models import Count, Max, Min, Q, Sum
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import User
from gallery.models import Picture
from generation.models import Job
from generation.scheduling import tickets, workers_report
from models_hub.models import ModelVersion

DAY = timedelta(days=1)
CHART_DAYS = 14
# Waiting times are taken from so many of the latest jobs: enough for a median, few enough to read at once.
SAMPLE = 200


def users():
    since = timezone.now() - DAY
    return User.objects.aggregate(
        total=Count("pk"),
        fresh=Count("pk", filter=Q(date_joined__gte=since)),
        seen=Count("pk", filter=Q(last_login__gte=since)),
        blocked=Count("pk", filter=Q(is_active=False)),
    )


def jobs():
    """Jobs by state: those under way now, those over within the last day."""
    since = timezone.now() - DAY
    lately = {
        state: Count("pk", filter=Q(state=state, finished_at__gte=since)) for state in ("done", "failed", "cancelled")
    }
    now = {state: Count("pk", filter=Q(state=state)) for state in ("queued", "running")}
    return Job.objects.filter(Q(finished_at__gte=since) | Q(state__in=now)).aggregate(**now, **lately)


def waiting():
    """Medians of the latest finished jobs (seconds waiting, seconds at work), and since when the oldest one waits."""
    done = Job.objects.filter(state=Job.State.DONE).order_by("-finished_at").values_list("seconds", flat=True)[:SAMPLE]
    rows = [seconds for seconds in done if seconds]
    return {
        "queue": median(row.get("queue", 0) for row in rows) if rows else None,
        "work": median(sum(row.values()) - row.get("queue", 0) for row in rows) if rows else None,
        "oldest": Job.objects.queued().aggregate(oldest=Min("created_at"))["oldest"],
    }


def pictures():
    since = timezone.now() - DAY
    return Picture.objects.aggregate(
        total=Count("pk"),
        public=Count("pk", filter=Q(visibility="public", is_hidden=False, deleted_at=None)),
        hidden=Count("pk", filter=Q(is_hidden=True)),
        fresh=Count("pk", filter=Q(created_at__gte=since)),
        likes=Sum("likes", default=0),
    )


def storage():
    """Bytes of pictures and of models, and what is free on the disk of the data folder."""
    return {
        "pictures": Picture.objects.aggregate(bytes=Sum("size", default=0))["bytes"],
        "models": ModelVersion.objects.aggregate(bytes=Sum("size", default=0))["bytes"],
        "free": shutil.disk_usage(settings.DATA_DIR).free,
    }


def failures():
    """The failures of the last day by code, most frequent first: {"error_code", "number", "latest", "job"}."""
    failed = Job.objects.filter(state=Job.State.FAILED, finished_at__gte=timezone.now() - DAY)
    rows = list(failed.values("error_code").annotate(number=Count("pk"), latest=Max("finished_at")).order_by("-number"))
    for row in rows[:10]:
        row["job"] = failed.filter(error_code=row["error_code"]).order_by("-finished_at").first()
    return rows[:10]


def days():
    """Jobs done and failed on each of the last CHART_DAYS days: [(date, done, failed)], oldest first.

    Ranges instead of the database's own dates: MariaDB knows time zones only where somebody loaded their tables.
    """
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [today - number * DAY for number in reversed(range(CHART_DAYS))]
    counts = {
        f"{state}{number}": Count("pk", filter=Q(state=state, finished_at__gte=start, finished_at__lt=start + DAY))
        for number, start in enumerate(starts)
        for state in ("done", "failed")
    }
    found = Job.objects.filter(finished_at__gte=starts[0]).aggregate(**counts)
    return [(start.date(), found[f"done{number}"], found[f"failed{number}"]) for number, start in enumerate(starts)]


def workers():
    """The live workers, their checkpoints by name and the share of the bound that each holds."""
    reports = workers_report.live_workers()
    held = {item["key"] for report in reports for item in (report.get("cache") or {}).get("resident", [])}
    versions = {row.sha256: row for row in ModelVersion.objects.filter(sha256__in=held).select_related("card")}
    return [worker(report, versions) for report in reports]


def worker(report, versions):
    cache = report.get("cache") or {}
    bound = cache.get("max_bytes") or 0
    resident = [
        item | {"name": str(versions.get(item["key"], item["key"][:12])), "share": share(item["bytes"], bound)}
        for item in cache.get("resident", [])
    ]
    asked = cache.get("hits", 0) + cache.get("misses", 0)
    return report | {
        "cache": cache | {"resident": resident, "share": share(cache.get("bytes", 0), bound)} if cache else None,
        "hit_rate": share(cache.get("hits", 0), asked),
        "seen_at": datetime.fromisoformat(report["seen_at"]),
    }


def share(part, whole):
    return round(100 * part / whole) if whole else 0


def queues():
    """{queue: waiting tickets}; None when Redis does not answer."""
    try:
        return {name: django_rq.get_queue(name).count for name in (tickets.RENDER, tickets.SMALL)}
    except RedisError:
        return None
