"""Who is next: fair between users first, then age."""

import heapq
from datetime import UTC, datetime, timedelta

from django.core.cache import cache
from django.db.models import Max
from django.utils import timezone as clock

from generation.models import Job

NEVER = datetime.min.replace(tzinfo=UTC)
# Starts longer ago than this no longer count against anybody.
MEMORY = timedelta(hours=24)
CACHE_SECONDS = 1
CACHE_KEY = "generation:queue"


def fair_order(waiting, last_starts):
    """Order job ids so that the user who was served longest ago comes first, each user's jobs by age.

    `waiting` is (id, owner, created_at) by age; `last_starts` maps an owner to their latest start. Every pick
    counts as a start, so that one user's twenty jobs alternate with another's.
    """
    queues = {}
    for job_id, owner, created_at in waiting:
        queues.setdefault(owner, []).append((created_at, job_id))
    turn = 0
    heap = []
    for owner, jobs in queues.items():
        jobs.reverse()
        heapq.heappush(heap, (0, last_starts.get(owner) or NEVER, jobs[-1][0], str(owner), owner))
    order = []
    while heap:
        _turn, last, _created, name, owner = heapq.heappop(heap)
        order.append(queues[owner].pop()[1])
        if queues[owner]:
            turn += 1
            heapq.heappush(heap, (turn, last, queues[owner][-1][0], name, owner))
    return order


def waiting_order():
    """Ids of all queued jobs, next first."""
    waiting = list(Job.objects.queued().order_by("created_at", "id").values_list("id", "owner_id", "created_at"))
    owners = {owner for _id, owner, _created in waiting}
    since = clock.now() - MEMORY
    starts = Job.objects.filter(owner__in=owners, started_at__gt=since).values_list("owner").annotate(Max("started_at"))
    return fair_order(waiting, dict(starts.order_by()))


def place(job):
    """The job's place in the queue, 1 for the next; None once it is not waiting. At most a second old."""
    if job.state != Job.State.QUEUED:
        return None
    order = cache.get(CACHE_KEY)
    if order is None or job.pk not in order:
        order = {job_id: number for number, job_id in enumerate(waiting_order(), start=1)}
        cache.set(CACHE_KEY, order, CACHE_SECONDS)
    return order.get(job.pk)
