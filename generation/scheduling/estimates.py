"""When a waiting job will start and how long it will take, from what earlier jobs took. Honest or silent.

The whole queue is played through once a second: each live worker takes the next job it can run as soon as it is
free. What nobody can run has no start, only a reason.
"""

import math
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from django.core.cache import cache
from django.utils import timezone

from generation.models import Job
from generation.scheduling import capabilities, scheduler

CACHE_SECONDS = 1
CACHE_KEY, STAMP_KEY = "generation:forecast", "generation:forecast-stamp"
# Speeds change slowly; a version's are read again this often, from so many of its latest jobs.
SPEED_SECONDS = 60
SAMPLES = 40
# Until a checkpoint has been loaded once: bytes read, converted and placed per second, as measured with the starter
# (46 MB in 0.3 s on two cores) and a 2 GB file of SD 1.5 (about 6 s).
LOAD_BYTES_PER_SECOND = 2.5e8
# Seconds around the drawing (claim, saving) that the engine does not measure.
AROUND = 0.1
PARTS = ("denoise", "decode", "upscale", "save")


@dataclass(frozen=True)
class Forecast:
    """What is foretold of one job: `place` in the queue (1 is next), `start` as a moment, `seconds` of drawing.

    start and seconds are None when nothing is known.
    """

    place: int
    start: datetime | None
    seconds: float | None


@dataclass(frozen=True)
class Speed:
    """Seconds that one version's latest jobs took. `exact` by (size bucket, steps, upscale), for one picture."""

    exact: dict
    rate: float | None  # seconds per megapixel-step
    load: float | None

    def seconds(self, asked):
        """Of drawing what `asked` (a Waiting or a Job) asks for; None when no job of this version was ever measured."""
        one = self.exact.get(kind_of_work(asked))
        if one is None and self.rate is not None:
            one = self.rate * megapixel_steps(asked) / asked.count
        return None if one is None else one * asked.count + AROUND


def bucket(width, height):
    """Sizes of about the same number of pixels (within a quarter) count as one."""
    return round(math.log2(width * height) * 4)


def kind_of_work(asked):
    return bucket(asked.width, asked.height), asked.steps, asked.upscale


def megapixel_steps(asked):
    return asked.width * asked.height * asked.steps * asked.count / 1e6


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
    return speeds([job.version_id])[job.version_id].seconds(job)


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
    known = speeds({entry.version for entry in queue} | {job.version_id for job in running})
    now = time.time()
    crew = [Hand(worker, now + left(worker, running, known)) for worker in workers]
    told = {}
    for place, entry in enumerate(queue, start=1):
        seconds = known[entry.version].seconds(entry)
        start = assign(entry, crew, known[entry.version], seconds)
        told[entry.id.hex] = (place, start, seconds)
    return told


class Hand:
    """A worker in the play: free from a moment on, with these checkpoints loaded. `free` None: nobody can say."""

    def __init__(self, worker, free):
        self.worker, self.free, self.loaded = worker, free, set(worker.resident)


def assign(entry, crew, speed, seconds):
    """Give the job to whoever is free first and can run it. Returns its start, or None when that is not known."""
    able = [hand for hand in crew if hand.worker.can_run(entry.needs)]
    sure = [hand for hand in able if hand.free is not None]
    if not sure:
        return None
    hand = min(sure, key=lambda hand: hand.free)
    start, fresh = hand.free, entry.needs.key not in hand.loaded
    load = (speed.load or entry.needs.size / LOAD_BYTES_PER_SECOND) if fresh else 0
    hand.loaded.add(entry.needs.key)
    # Behind a job of unknown length nobody's start is known.
    hand.free = None if seconds is None else start + load + seconds
    return start


def left(worker, running, known):
    """Seconds until `worker` is through with what it draws now."""
    mine = [job for job in running if job.worker == worker.name]
    now = timezone.now()
    waits = [0.0]
    for job in mine:
        whole = known[job.version_id].seconds(job) or AROUND
        elapsed = (now - job.started_at).total_seconds() if job.started_at else 0
        waits.append(max(whole - elapsed, 0))
    return max(waits)


def speeds(versions):
    """{version id: Speed}. One look into the cache, and one query for each version that is not in it."""
    keys = {version: f"generation:speed:{version}" for version in versions}
    found = cache.get_many(keys.values())
    missing = {version: measure(version) for version, key in keys.items() if key not in found}
    if missing:
        cache.set_many({keys[version]: speed for version, speed in missing.items()}, SPEED_SECONDS)
    return {version: found.get(key) or missing[version] for version, key in keys.items()}


def measure(version):
    """The Speed of a version, from its latest finished jobs."""
    rows = Job.objects.filter(version=version, state=Job.State.DONE).order_by("-finished_at")
    jobs = [job for job in rows.only(*MEASURED)[:SAMPLES] if job.seconds.get("denoise")]
    exact, kinds = {}, Counter(kind_of_work(job) for job in jobs)
    for kind in kinds:
        exact[kind] = median(work(job) / job.count for job in jobs if kind_of_work(job) == kind)
    rates = [work(job) / megapixel_steps(job) for job in jobs]
    loads = [job.seconds["load"] for job in jobs if job.seconds.get("load", 0) > 0]
    return Speed(exact, median(rates) if rates else None, median(loads) if loads else None)


MEASURED = ("width", "height", "count", "steps", "upscale", "seconds", "version")


def work(job):
    return sum(job.seconds.get(part, 0) for part in PARTS)
