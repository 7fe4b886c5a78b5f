"""How fast each model is drawn with here: medians of what its latest jobs took."""

import math
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from django.core.cache import cache

from generation.models import Job

# Speeds change slowly; a version's are read again this often, from so many of its latest jobs.
SPEED_SECONDS = 60
SAMPLES = 40
# Until a checkpoint has been loaded once: bytes read, converted and placed per second, as measured with the starter
# (46 MB in 0.3 s on two cores) and a 2 GB file of SD 1.5 (about 6 s).
LOAD_BYTES_PER_SECOND = 2.5e8
# Seconds around the drawing (claim, saving) that the engine does not measure.
AROUND = 0.1
# What is done with a picture once it is drawn.
FINISHING = ("decode", "check", "save")
MEASURED = ("width", "height", "count", "steps", "upscale", "seconds", "version")


class Kind(NamedTuple):
    """What decides how long a picture takes, beside its model."""

    pixels: int
    steps: int
    upscale: int

    @classmethod
    def of(cls, asked):
        return cls(asked.width * asked.height, asked.steps, asked.upscale)

    @property
    def key(self):
        return bucket(self.pixels), self.steps, self.upscale

    def distance(self, other):
        """How little `other` says about this kind: another way of ending first, then size, then steps."""
        sizes, steps = math.log2(self.pixels / other.pixels), math.log2(max(self.steps, 1) / max(other.steps, 1))
        return self.upscale != other.upscale, abs(sizes), abs(steps)


class Parts(NamedTuple):
    """Seconds that one picture takes in each part of the work."""

    denoise: float
    finish: float
    upscale: float

    @property
    def total(self):
        return sum(self)

    def scaled(self, own, wanted):
        """From the measured kind to the wanted one: a step of a picture twice as large takes twice as long."""
        size, steps = wanted.pixels / own.pixels, wanted.steps / max(own.steps, 1)
        enlarging = self.upscale * size if wanted.upscale > 1 else 0
        return Parts(self.denoise * size * steps, self.finish * size, enlarging)


@dataclass(frozen=True)
class Speed:
    """What one version's latest jobs took: {Kind.key: (Kind, Parts of one picture)}; `load` in seconds, if known."""

    kinds: dict = field(default_factory=dict)
    load: float | None = None

    def parts(self, asked):
        """Parts of one picture of what is asked for; None when no job of this version was ever measured.

        What was never drawn is told from the measured kind that is most like it.
        """
        wanted = Kind.of(asked)
        if wanted.key in self.kinds:
            return self.kinds[wanted.key][1]
        near = min(self.kinds.values(), key=lambda known: wanted.distance(known[0]), default=None)
        return near and near[1].scaled(near[0], wanted)

    def seconds(self, asked):
        """Of drawing what `asked` (a Waiting or a Job) asks for, without loading; None when nobody can say."""
        parts = self.parts(asked)
        return None if parts is None else parts.total * asked.count + AROUND

    def load_seconds(self, size):
        """Of loading a checkpoint of `size` bytes."""
        return size / LOAD_BYTES_PER_SECOND if self.load is None else self.load


def bucket(pixels):
    """Sizes of about the same number of pixels (within a quarter) count as one."""
    return round(math.log2(pixels) * 4)


def of_versions(versions):
    """{version id: Speed}. One look into the cache, and one query for each version that is not in it."""
    keys = {version: f"generation:speeds:{version}" for version in versions}
    found = cache.get_many(keys.values())
    missing = {version: measure(version) for version, key in keys.items() if key not in found}
    if missing:
        cache.set_many({keys[version]: speed for version, speed in missing.items()}, SPEED_SECONDS)
    return {version: found.get(key) or missing[version] for version, key in keys.items()}


def measure(version):
    """The Speed of a version, from its latest finished jobs."""
    rows = Job.objects.filter(version=version, state=Job.State.DONE).order_by("-finished_at")
    jobs = [job for job in rows.only(*MEASURED)[:SAMPLES] if job.seconds.get("denoise")]
    alike = defaultdict(list)
    for job in jobs:
        alike[Kind.of(job).key].append(job)
    kinds = {key: (Kind.of(own[0]), middle(own)) for key, own in alike.items()}
    return Speed(kinds, usual_load([job.seconds.get("load", 0) for job in jobs]))


def middle(jobs):
    """Medians over jobs of one kind."""
    names = (("denoise",), FINISHING, ("upscale",))
    return Parts(*(median(spent(job, part) / job.count for job in jobs) for part in names))


def spent(job, names):
    return sum(job.seconds.get(name, 0) for name in names)


def usual_load(seconds):
    """The median of the loads that were loads: putting a LoRA on a checkpoint that is there takes next to nothing."""
    real = [value for value in seconds if value > 0 and value >= max(seconds) / 4]
    return median(real) if real else None
