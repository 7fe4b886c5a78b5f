"""A glance at the previews, beside the drawing: what the output check might block is not shown on the way either.

One detector looks at about half of the steps, in a thread of its own, for 25 ms of one core; once more near the end
where drawing takes long enough for that to be less than 2 % of it. It is stricter than the check of the finished
picture, where two must agree, because it only covers a preview: a grey tile until the picture is there.
"""

import logging
import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from generation.engine import output_check, preview

logger = logging.getLogger(__name__)
# The share of the steps from which on the first preview is looked at.
MOMENTS = (0.5, 0.8)
# Seconds between two looks at the same picture, fifty times what a look takes.
SPACING = 1.25
_beside = ThreadPoolExecutor(1, thread_name_prefix="glance")


class Glance:
    """The looks at one job's previews. `withdraw()` is called, in another thread, when what was shown must go."""

    def __init__(self, withdraw):
        self._withdraw, self._covered, self._looks = withdraw, set(), {}
        self._lock, self._over = threading.Lock(), False

    def shown(self, webp, places, share):
        """What may be shown of the preview of these pictures when `share` (0..1) of their steps are drawn."""
        if self.is_due(places[0], share):
            _beside.submit(self._look, webp, places)
        return self.covering(webp, places)

    def is_due(self, first, share):
        passed = sum(share >= moment for moment in MOMENTS) if settings.OUTPUT_CHECK else 0
        looks, looked_at = self._looks.get(first, (0, -math.inf))
        due = passed > looks and time.monotonic() - looked_at >= SPACING
        if due:
            self._looks[first] = passed, time.monotonic()
        return due

    def covering(self, webp, places):
        """The preview with grey in the places of the pictures that something was seen in."""
        hidden = [number for number, place in enumerate(places) if place in self._covered]
        return preview.covered(webp, len(places), hidden) if hidden else webp

    def end(self):
        """Nothing is withdrawn any more: the finished pictures are checked on their own."""
        with self._lock:
            self._over = True

    def _look(self, webp, places):
        try:
            pictures = zip(places, preview.apart(webp, len(places)), strict=True)
            found = {place for place, one in pictures if output_check.glance(one, settings.WEIGHTS_DIR)}
            with self._lock:
                if found - self._covered and not self._over:
                    logger.info("previews %s of a job are covered", sorted(found))
                    self._covered |= found
                    self._withdraw()
        except Exception:
            logger.exception("a preview could not be looked at")
