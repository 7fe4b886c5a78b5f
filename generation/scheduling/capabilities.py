"""What a worker can run, as it announces it, and what a checkpoint needs: whoever plans compares the two."""

from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _

from generation.scheduling import batching, workers_report


class Needs(NamedTuple):
    """What a worker must know of a checkpoint before it takes a job. `size` is bytes on disk."""

    key: str
    size: int
    family: str
    name: str


@dataclass(frozen=True)
class Capabilities:
    """What one worker can draw with.

    bound: bytes its cache may hold (None: not known yet, so nothing is too large). On a card a checkpoint larger than
    the bound is moved through in parts, so there it hinders nobody. families: None for all. resident: keys of loaded
    checkpoints. refused: keys of checkpoints that turned out not to fit, whatever their size on disk. pixels: how many
    it may draw in one call.
    """

    name: str = ""
    device: str = "cpu"
    bound: int | None = None
    families: frozenset | None = None
    resident: frozenset = field(default_factory=frozenset)
    refused: frozenset = field(default_factory=frozenset)
    pixels: int = 0

    def can_run(self, needs):
        return self.knows(needs) and self.has_room(needs)

    def knows(self, needs):
        return self.families is None or needs.family in self.families

    def has_room(self, needs):
        too_large = self.device == "cpu" and self.bound is not None and needs.size > self.bound
        return not too_large and needs.key not in self.refused

    @classmethod
    def of(cls, report):
        """From a worker's report (workers_report); what it does not say hinders nothing."""
        cache, families = report.get("cache") or {}, report.get("families")
        return cls(
            name=report.get("name", ""),
            device=report.get("device") or "cpu",
            bound=cache.get("max_bytes"),
            families=None if families is None else frozenset(families),
            resident=frozenset(held["key"] for held in cache.get("resident", ())),
            refused=frozenset(report.get("refused", ())),
            pixels=batching.most_pixels(report),
        )


def live():
    """The Capabilities of all workers heard of lately."""
    return [Capabilities.of(report) for report in workers_report.live_workers()]


def why_not(needs, workers):
    """Why none of `workers` can run this checkpoint, in a sentence; empty when one can."""
    if not workers:
        return _("No worker is running now. Your job starts as soon as one does.")
    if any(worker.can_run(needs) for worker in workers):
        return ""
    if not any(worker.knows(needs) for worker in workers):
        message = _("No running worker draws with models of the family “%(family)s”. The job waits for one that does.")
        return message % {"family": needs.family}
    message = _("“%(model)s” is too large for every running worker. The job waits for one with more memory.")
    return message % {"model": needs.name}


def needs_of(version):
    """The Needs of a version read with its card."""
    return Needs(version.sha256, version.size, version.card.family, version.card.title)
