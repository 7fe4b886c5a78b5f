"""Who is next: people before bulk, what is loaded before what is not, fair between users, each user's own order.

The first two give way after a bounded wait, so that neither a stream of single pictures nor a popular checkpoint
keeps anybody waiting for ever. The ordering is pure; the queue is read with three queries, however long it is.
"""

import heapq
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, Max, Window
from django.db.models.functions import RowNumber
from django.utils import timezone as clock

from generation.models import Job
from generation.scheduling.capabilities import Needs
from models_hub.models import ModelVersion

NEVER = datetime.min.replace(tzinfo=UTC)
# Starts longer ago than this no longer count against anybody.
MEMORY = timedelta(hours=24)
OWN_ORDER = ("position", "created_at", "id")


class Waiting(NamedTuple):
    """A queued job, as much of it as planning needs. `needs` says what its checkpoint asks of a worker."""

    id: uuid.UUID
    owner: int
    version: int
    is_bulk: bool
    created_at: datetime
    width: int
    height: int
    count: int
    steps: int
    upscale: int
    needs: Needs
    batch_key: str = ""

    @property
    def pixels(self):
        return self.width * self.height * self.count


COLUMNS = ("id", "owner_id", "version_id", "is_bulk", "created_at", "width", "height", "count", "steps", "upscale")
READ = (*COLUMNS, "batch_key")


@dataclass(frozen=True)
class Starts:
    """The latest start of every user's and of every version's jobs."""

    owners: dict = field(default_factory=dict)
    versions: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Patience:
    """How long bulk waits behind people, and a checkpoint that must be loaded behind those that are."""

    bulk: timedelta
    resident: timedelta

    @classmethod
    def of_the_site(cls):
        return cls(timedelta(seconds=settings.BULK_WAIT_SECONDS), timedelta(seconds=settings.RESIDENT_WAIT_SECONDS))


def fair_order(waiting, last_starts):
    """Yield `waiting` so that the user who was served longest ago comes first, each user's jobs as they stand.

    `last_starts` maps an owner to their latest start. Every pick counts as a start, so that one user's twenty jobs
    alternate with another's.
    """
    queues = {}
    for entry in waiting:
        queues.setdefault(entry.owner, deque()).append(entry)
    heap = [
        (0, last_starts.get(owner) or NEVER, min(entry.created_at for entry in queue), str(owner), queue)
        for owner, queue in queues.items()
    ]
    heapq.heapify(heap)
    turn = 0
    while heap:
        _turn, last, created, name, queue = heapq.heappop(heap)
        yield queue.popleft()
        if queue:
            turn += 1
            heapq.heappush(heap, (turn, last, created, name, queue))


def in_order(waiting, starts, now, patience, *, resident=None, can_run=None):
    """Yield the jobs of `waiting` (in each owner's own order) that can run, next first.

    resident: keys of the checkpoints that need no loading (None: loading does not matter). can_run: Needs -> bool.
    """
    groups = {}
    for entry in waiting:
        if can_run is None or can_run(entry.needs):
            rank = (gives_way(entry, now, patience), must_load(entry, starts, now, patience, resident))
            groups.setdefault(rank, []).append(entry)
    for rank in sorted(groups):
        yield from fair_order(groups[rank], starts.owners)


def gives_way(entry, now, patience):
    """Whether this is bulk that can wait behind what somebody sits in front of."""
    return entry.is_bulk and now - entry.created_at <= patience.bulk


def must_load(entry, starts, now, patience, resident):
    """Whether the job stands behind those whose checkpoint is loaded.

    A checkpoint's wait begins anew when a job of it starts: with two models in demand each is drawn with for a while,
    instead of being exchanged at every picture.
    """
    if resident is None or entry.needs.key in resident:
        return False
    since = max(entry.created_at, starts.versions.get(entry.version, NEVER))
    return now - since <= patience.resident


def waiting_order(*, resident=None, capabilities=None, heads=None):
    """All queued jobs as Waiting, next first; only those that `capabilities` can run, if given.

    heads: read no more than so many of each owner, version and class; enough for whoever takes the first few.
    """
    waiting = read_waiting(Job.objects.queued(), heads)
    can_run = capabilities.can_run if capabilities else None
    starts = latest_starts() if is_contested(waiting) else Starts()
    return in_order(waiting, starts, clock.now(), Patience.of_the_site(), resident=resident, can_run=can_run)


def companions(first, key, most):
    """Queued jobs of batch key `key` that may be drawn together with `first`, next first; `most` of each owner.

    Bulk joins only bulk: a picture somebody waits for takes longer in company. What a worker has been lost over joins
    nobody: it may have been the cause.
    """
    now, patience = clock.now(), Patience.of_the_site()
    waiting = read_waiting(Job.objects.queued().filter(batch_key=key, attempts=0).exclude(pk=first.id), most)
    if not gives_way(first, now, patience):
        waiting = [entry for entry in waiting if not gives_way(entry, now, patience)]
    starts = latest_starts() if is_contested(waiting) else Starts()
    return list(in_order(waiting, starts, now, patience))


def read_waiting(jobs, heads=None):
    """The rows of `jobs` as Waiting, each owner's in their own order. Two queries."""
    if heads:
        classes = [F("owner"), F("version"), F("is_bulk")]
        number = Window(RowNumber(), partition_by=classes, order_by=OWN_ORDER)
        # Ids first: numbering whole rows of a long queue takes twice as long.
        jobs = Job.objects.filter(pk__in=jobs.annotate(number=number).filter(number__lte=heads).values("pk"))
    rows = list(jobs.order_by(*OWN_ORDER).values_list(*READ))
    needs = needs_of_versions({version for _id, _owner, version, *_rest in rows})
    return [Waiting(*row, needs[row[2]], key) for *row, key in rows]


def needs_of_versions(versions):
    """{version id: Needs}."""
    columns = ("pk", "sha256", "size", "card__family", "card__name")
    found = ModelVersion.objects.filter(pk__in=versions).order_by().values_list(*columns) if versions else []
    return {pk: Needs(*needs) for pk, *needs in found}


def rivals(first, waiting):
    """The owners who wait for a worker as `first` does, its own among them; bulk keeps only bulk from its turn."""
    now, patience = clock.now(), Patience.of_the_site()
    late = gives_way(first, now, patience)
    return {first.owner} | {entry.owner for entry in waiting if late or not gives_way(entry, now, patience)}


def is_contested(waiting):
    """Whether earlier starts can matter: there is more than one owner or checkpoint to choose from."""
    return any(entry.owner != waiting[0].owner or entry.version != waiting[0].version for entry in waiting)


def latest_starts():
    """The Starts of those who wait. One query."""
    owners = Job.objects.queued().values("owner")
    rows = Job.objects.filter(owner__in=owners, started_at__gt=clock.now() - MEMORY).order_by()
    by_owner, by_version = {}, {}
    for owner, version, latest in rows.values_list("owner", "version").annotate(Max("started_at")):
        by_owner[owner] = max(latest, by_owner.get(owner, NEVER))
        by_version[version] = max(latest, by_version.get(version, NEVER))
    return Starts(by_owner, by_version)
