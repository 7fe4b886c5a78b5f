"""When a waiting job will start and how long it will take, from what earlier jobs took. Honest or silent.

The whole queue is played through once a second: each live worker takes the next job it can run as soon as it is
free, and what can be drawn in the same call with it. What nobody can run has no start, only a reason.
"""

import time
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from django.core.cache import cache
from django.utils import timezone

from generation.models import Job
from generation.scheduling import batching, capabilities, scheduler, speeds

CACHE_SECONDS = 1
CACHE_KEY, STAMP_KEY = "generation:forecast", "generation:forecast-stamp"


@dataclass(frozen=True)
class Forecast:
    """What is foretold of one job: `place` in the queue (1 is next), `start` as a moment, `seconds` of drawing.

    start and seconds are None when nothing is known.
    """

    place: int
    start: datetime | None
    seconds: float | None


def of(job):
    """The Forecast of a waiting job, or None when it is not waiting. At most about a second old."""
    if job.state != Job.State.QUEUED:
        return None
    told = latest()
    if job.pk.hex not in told:
        told = foretell()
    place, start, seconds = told.get(job.pk.hex, (None, None, None))
    moment = None if start is None else datetime.fromtimestamp(start, UTC)
    return Forecast(place, moment, seconds) if place else None


def latest():
    """The last play-through: one process makes it, the others read it, and each keeps what it has read."""
    stamp = cache.get(STAMP_KEY)
    if stamp is None:
        return foretell()
    if _read["stamp"] != stamp:
        told = cache.get(CACHE_KEY)
        if told is None:
            return foretell()
        _read.update(stamp=stamp, told=told)
    return _read["told"]


_read: dict = {"stamp": None, "told": {}}


def foretell():
    """Play the queue through now and tell the other processes."""
    began = time.monotonic()
    told, stamp = play_through(), uuid.uuid4().hex
    # A queue of thousands takes a quarter of a second to play through: no more than a tenth of one core goes there.
    seconds = max(CACHE_SECONDS, 10 * (time.monotonic() - began))
    cache.set(CACHE_KEY, told, 2 * seconds)
    cache.set(STAMP_KEY, stamp, seconds)
    _read.update(stamp=stamp, told=told)
    return told


def expected_start(job):
    """Seconds until a waiting job starts; None when that cannot be said (`wait_reason` may say why)."""
    forecast = of(job)
    if forecast is None or forecast.start is None:
        return None
    return max((forecast.start - timezone.now()).total_seconds(), 0.0)


def expected_seconds(job):
    """How long drawing the job takes, without loading; None when nothing like it was ever measured."""
    return speeds.of_versions([job.version_id])[job.version_id].seconds(job)


def wait_reason(job, workers=None):
    """Why the job cannot start as things are, in a sentence of the reader's language; empty when it can."""
    if job.state != Job.State.QUEUED:
        return ""
    needs = capabilities.needs_of(job.version)
    return capabilities.why_not(needs, capabilities.live() if workers is None else workers)


def play_through():
    """{job id in hex: (place, start as a Unix time or None, seconds of drawing or None)}, plain for the cache."""
    workers = capabilities.live()
    loaded = frozenset().union(*(worker.resident for worker in workers))
    queue = list(scheduler.waiting_order(resident=loaded))
    running = list(Job.objects.running().select_related("version"))
    known = speeds.of_versions({entry.version for entry in queue} | {job.version_id for job in running})
    now = time.time()
    crew = [Hand(worker, now + left(worker, running, known)) for worker in workers]
    starts = play(queue, crew, known)
    return {
        entry.id.hex: (place, starts.get(entry.id), known[entry.version].seconds(entry))
        for place, entry in enumerate(queue, start=1)
    }


class Hand:
    """A worker in the play: free from a moment on, with these checkpoints loaded. `free` None: nobody can say."""

    def __init__(self, worker, free):
        self.worker, self.free, self.loaded = worker, free, set(worker.resident)


def play(queue, crew, known):
    """{id: start} of what `queue` (Waiting, next first) has a start for; `known` is {version: Speed}."""
    line, starts = Line(queue), {}
    for entry in queue:
        if entry.id in starts or entry.id in line.gone:
            continue
        hand = whose(entry, crew)
        call = line.call(entry, hand.worker.pixels, known[entry.version]) if hand else line.call(entry, 0)
        if hand:
            starts |= dict.fromkeys((one.id for one in call), hand.free)
            work(hand, call, known[entry.version])
    return starts


class Line:
    """The queue while it is played through: who is left, and who of them can be drawn in one call."""

    def __init__(self, queue):
        self.gone = set()
        self.owners = {bulk: Counter(entry.owner for entry in queue if entry.is_bulk == bulk) for bulk in (True, False)}
        self.alike = defaultdict(list)
        for entry in queue:
            if entry.batch_key:
                self.alike[entry.batch_key].append(entry)

    def call(self, first, pixels, speed=None):
        """Take `first` and what a worker that may draw `pixels` at once takes with it."""
        share = batching.fair_share(len(self.rivals(first) | {first.owner}))
        takes = speed.seconds if speed else None
        others = self.mates(first) if pixels > first.pixels else ()
        taken = [first, *batching.fill(first, others, pixels=pixels, share=share, takes=takes)]
        for entry in taken:
            self.gone.add(entry.id)
            self.owners[entry.is_bulk] -= Counter([entry.owner])
        return taken

    def rivals(self, first):
        single = set(self.owners[False])
        return single | set(self.owners[True]) if first.is_bulk else single

    def mates(self, first):
        """Who could be drawn with `first`; bulk joins only bulk."""
        alike = self.alike[first.batch_key]
        while alike and alike[0].id in self.gone:
            alike.pop(0)
        free = (one for one in alike if one.id not in self.gone and one is not first)
        return islice((one for one in free if first.is_bulk or not one.is_bulk), FAR)


# How far down the queue the play looks for company.
FAR = 64


def whose(entry, crew):
    """The Hand that is free first of those that can run the job, and has it loaded if there are several; or None."""
    able = [hand for hand in crew if hand.free is not None and hand.worker.can_run(entry.needs)]
    return min(able, key=lambda hand: (hand.free, entry.needs.key not in hand.loaded), default=None)


def work(hand, call, speed):
    """Let the hand draw a call: it is free again afterwards. Behind a job of unknown length nobody's start is known."""
    needs, seconds = call[0].needs, [speed.seconds(entry) for entry in call]
    load = 0 if needs.key in hand.loaded else speed.load_seconds(needs.size)
    hand.loaded.add(needs.key)
    hand.free = None if None in seconds else hand.free + load + sum(seconds)


def left(worker, running, known):
    """Seconds until `worker` is through with what it draws now: all jobs of the call, each as far as it has got."""
    mine = [job for job in running if job.worker == worker.name]
    loading = [loading_left(job, worker, known[job.version_id]) for job in mine if job.stage == Job.Stage.LOADING]
    return max(loading, default=0) + sum(drawing_left(job, known[job.version_id]) for job in mine)


def loading_left(job, worker, speed):
    if job.version.sha256 in worker.resident or job.started_at is None:
        return 0
    elapsed = (timezone.now() - job.started_at).total_seconds()
    return max(speed.load_seconds(job.version.size) - elapsed, 0)


def drawing_left(job, speed):
    parts = speed.parts(job)
    if parts is None:
        return speeds.AROUND
    done = min(job.drawn / (job.steps * job.count), 1) if job.steps and job.stage != Job.Stage.LOADING else 0
    return (parts.denoise * (1 - done) + parts.finish + parts.upscale) * job.count + speeds.AROUND
