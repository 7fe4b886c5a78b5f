"""How long a job would take that nobody has asked for yet: the form says so beside its button."""

import time
import uuid
from dataclasses import dataclass

from django.utils import timezone

from generation.models import Job
from generation.scheduling import capabilities, estimates, scheduler, speeds


@dataclass(frozen=True)
class WhatIf:
    """`wait` until it would start and `seconds` of loading and drawing; None where nobody can say.

    `reason` says why it could not start as things are, in the reader's language.
    """

    wait: float | None
    seconds: float | None
    reason: str = ""


def of(owner, version, fields, *, is_bulk=False):
    """The WhatIf of a job with these columns (width, height, count, steps, upscale), asked for by `owner` now."""
    asked = waiting(owner, version, fields, is_bulk)
    workers = capabilities.live()
    speed = speeds.of_versions([version.pk])[version.pk]
    seconds = speed.seconds(asked)
    if reason := capabilities.why_not(asked.needs, workers):
        return WhatIf(None, seconds, reason)
    return WhatIf(wait_of(asked, workers), None if seconds is None else seconds + loading(asked, speed, workers))


def waiting(owner, version, fields, is_bulk):
    named = {name: fields[name] for name in ("width", "height", "count", "steps", "upscale")}
    return scheduler.Waiting(
        id=uuid.uuid4(),
        owner=owner.pk,
        version=version.pk,
        is_bulk=is_bulk,
        created_at=timezone.now(),
        needs=capabilities.needs_of(version),
        **named,
    )


def loading(asked, speed, workers):
    """Seconds until the checkpoint is in memory: none where a worker holds it."""
    if any(asked.needs.key in worker.resident for worker in workers):
        return 0.0
    return speed.load_seconds(asked.needs.size)


def wait_of(asked, workers):
    """Seconds until `asked` would start, playing the queue as it stands with it; None when nobody can say."""
    queue = [*scheduler.read_waiting(Job.objects.queued()), asked]
    running = list(Job.objects.running().select_related("version"))
    known = speeds.of_versions({entry.version for entry in queue} | {job.version_id for job in running})
    now = time.time()
    crew = [estimates.Hand(worker, now + estimates.left(worker, running, known)) for worker in workers]
    start = estimates.play(list(in_order(queue, workers)), crew, known).get(asked.id)
    return None if start is None else max(start - now, 0.0)


def in_order(queue, workers):
    starts = scheduler.latest_starts() if scheduler.is_contested(queue) else scheduler.Starts()
    loaded = frozenset().union(*(worker.resident for worker in workers))
    return scheduler.in_order(queue, starts, timezone.now(), scheduler.Patience.of_the_site(), resident=loaded)
