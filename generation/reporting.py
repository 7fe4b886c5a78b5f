"""From the engine's events to the lease and to the people who watch."""

import time

from generation import progress, resident

# At most this often; a change of stage and a preview are always told.
SECONDS_BETWEEN = 0.2


class Reporter:
    """Called by the engine at every step: renews the lease, tells the watchers, answers whether to go on."""

    def __init__(self, lease, steps):
        self.lease, self.steps = lease, steps
        self.stage, self.told_at = None, 0.0

    def __call__(self, event):
        if resident.stopping():
            return False
        if not self.lease.renew(stage=event.stage, step=event.step if event.stage == "denoising" else self.steps):
            return False
        now = time.monotonic()
        if event.stage != self.stage or event.preview or now - self.told_at >= SECONDS_BETWEEN:
            self.stage, self.told_at = event.stage, now
            progress.say(
                self.lease.job_id,
                stage=event.stage,
                step=event.step,
                steps=event.steps,
                preview=event.preview,
                index=event.index,
            )
        return True
