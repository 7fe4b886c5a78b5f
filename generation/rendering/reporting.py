"""From the engine's events to the lease and to the people who watch."""

import logging
import time

from django.db import DatabaseError, connection

from generation.rendering import resident
from generation.watching.herald import herald

logger = logging.getLogger(__name__)

# At most this often; a change of stage and a preview are always told.
SECONDS_BETWEEN = 0.2
# A renewal is a write to the database. A cancelled job has to stop within two steps; those of a small checkpoint take
# 50 ms, so every second one is enough for it.
RENEW_SECONDS = 0.06


class Reporter:
    """Called by the engine at every step: renews the lease, tells the watchers, answers whether to go on.

    counts: whether what is drawn is noted as the owner's (not where the site draws a picture once more).
    """

    def __init__(self, lease, steps, *, counts=True):
        self.lease, self.steps, self.counts = lease, steps, counts
        # First picture of a batch -> steps drawn of it, those of all its pictures together.
        self.drawn: dict[int, int] = {}
        self.stage, self.told_at, self.renewed_at = None, 0.0, 0.0

    def __call__(self, event):
        now = time.monotonic()
        if event.stage == "denoising" and event.steps:
            self.drawn[event.index] = round(event.step / event.steps * self.steps) * event.pictures
        if resident.stopping() or not self.holds(event, now):
            return False
        if event.stage != self.stage or event.preview or now - self.told_at >= SECONDS_BETWEEN:
            self.stage, self.told_at = event.stage, now
            herald.say(
                self.lease.job_id,
                stage=event.stage,
                step=event.step,
                steps=event.steps,
                preview=event.preview,
                index=event.index,
            )
        return True

    def holds(self, event, now):
        """Whether the job is still ours, as far as was asked lately."""
        if event.stage == self.stage and now - self.renewed_at < RENEW_SECONDS:
            return True
        self.renewed_at = now
        return self.renew(event)

    def renew(self, event):
        """Whether the job is still ours. While the database is away nobody can say: the drawing goes on, and what
        becomes of it is decided when its pictures are stored."""
        step = event.step if event.stage == "denoising" else self.steps
        drawn = {"drawn": sum(self.drawn.values())} if self.counts else {}
        try:
            return self.lease.renew(stage=event.stage, step=step, **drawn)
        except DatabaseError:
            logger.exception("the lease of job %s could not be renewed", self.lease.job_id)
            connection.close_if_unusable_or_obsolete()
            return True
