"""Two addresses for whoever watches the site: /healthz (restart me?) and /readyz (send me visitors?)."""

import django_rq
from django.conf import settings
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from generation.scheduling import workers_report
from visionary.common import health


@require_safe
@never_cache
def alive(request):
    """The process answers; nothing else is asked, so that a lost database does not get the web process killed."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request):
    """Each part that a visitor's picture needs: "ok", or what is wrong with it (then 503)."""
    parts = {
        "database": health.database(),
        "redis": health.queue(django_rq.get_connection("render")),
        "worker": worker(),
        "disk": health.disk(settings.DATA_DIR),
    }
    faults = any(parts.values())
    answer = {"status": "unavailable" if faults else "ok", **{name: fault or "ok" for name, fault in parts.items()}}
    return JsonResponse(answer, status=503 if faults else 200)


def worker():
    return None if workers_report.live_workers() else "no render worker has reported for half a minute"
