"""From the engine's events to the lease and to the people who watch."""

import logging
import time

from django.db import DatabaseError, connection

from generation.rendering import resident
from generation.rendering.glancing import Glance
from generation.watching import progress
from generation.watching.herald import herald

logger = logging.getLogger(__name__)

# At most this often; a change of stage and a preview are always told.
SECONDS_BETWEEN = 0.2
# A renewal is a write to the database. A cancelled job has to stop within two steps; those of a small checkpoint take
# 50 ms, so every second one is enough for it.
RENEW_SECONDS = 0.06


class Reporter:
    """Called by the engine at every step: renews the lease, tells the watchers, answers whether to go on.

    places: the numbers of the job's pictures that are drawn now (None: of all). counts: whether what is drawn is noted
    as the owner's (not where the site draws a picture once more).
    """

    def __init__(self, lease, job, places=None, *, counts=True):
        self.lease, self.steps, self.count, self.counts = lease, job.steps, job.count, counts
        self.places = list(range(job.count)) if places is None else list(places)
        self.batch = progress.Batch(0, len(self.places))
        # Steps of what this attempt has stored before, by a worker that is gone.
        self.before = job.steps * (job.count - job.begun_with - len(self.places))
        # First picture of a batch -> steps drawn of it, those of all its pictures together.
        self.drawn: dict[int, int] = {}
        # The preview shown last, and what was said last.
        self.last, self.now = None, ("loading", 0, 1, 0)
        self.glance = Glance(self.withdraw)
        self.stage, self.told_at, self.renewed_at = None, 0.0, 0.0

    def __call__(self, event):
        now = time.monotonic()
        if event.stage == "denoising" and event.steps:
            self.drawn[event.index] = round(event.step / event.steps * self.steps) * event.pictures
            self.batch = progress.Batch(event.index, event.pictures)
        if resident.stopping() or not self.holds(event, now):
            return False
        if event.stage != self.stage or event.preview or now - self.told_at >= SECONDS_BETWEEN:
            self.stage, self.told_at = event.stage, now
            self.say(event.stage, event.step, event.steps, event.index, self.allowed(event))
        return True

    def allowed(self, event):
        """What may be shown of the event's preview."""
        if not event.preview:
            return None
        self.last = event
        return self.glance.shown(event.preview, self.shown_places(event), event.step / event.steps)

    def shown_places(self, event):
        return range(event.index, event.index + event.pictures)

    def withdraw(self):
        """Cover the preview that was shown last."""
        last = self.last
        seen = self.glance.covering(last.preview, self.shown_places(last))
        self.say(*self.now, preview=seen, first=last.index)

    def say(self, stage, step, steps, index=0, preview=None, first=None):
        """Tell the watchers; `index` counts the pictures drawn now, `first` is the first one in the preview."""
        self.now = stage, step, steps, index
        shown = index if first is None else first
        place = self.places[shown] if shown < len(self.places) else shown
        done = self.count - len(self.places)
        percent = progress.percent_of_all(stage, step, steps, self.batch, index, done=done, count=self.count)
        herald.say(
            self.lease.job_id, stage=stage, step=step, steps=steps, preview=preview, index=place, percent=percent
        )

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
        drawn = {"drawn": self.before + sum(self.drawn.values())} if self.counts else {}
        try:
            return self.lease.renew(stage=event.stage, step=step, **drawn)
        except DatabaseError:
            logger.exception("the lease of job %s could not be renewed", self.lease.job_id)
            connection.close_if_unusable_or_obsolete()
            return True
