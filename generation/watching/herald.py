"""Words about a job's progress, sent beside the drawing instead of between its steps.

A step of a small checkpoint takes 50 ms; noting and sending its progress would take 10 of them. One thread of the
worker does that in order, with an event loop that keeps its connections. Nothing is written to the database here:
leases are renewed by the drawing itself.
"""

import asyncio
import logging
import queue
import threading

from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import channel_layers

from generation.watching import broadcast, progress

logger = logging.getLogger(__name__)

# Longer than any answer of a Redis that lives; the words are hints, so nobody waits for one that does not.
FLUSH_SECONDS = 3


class Herald:
    """Sends what it is given, oldest first, from a thread that starts with the first word."""

    def __init__(self):
        self.words: queue.SimpleQueue = queue.SimpleQueue()
        self.lock = threading.Lock()
        self.thread = None

    def say(self, job_id, **state):
        """As progress.say, but at once and without waiting for Redis."""
        self._start()
        self.words.put((job_id, state))

    def flush(self):
        """Wait until everything said before is sent: what is told of a job's end must come last."""
        if self.thread:
            sent = threading.Event()
            self.words.put(sent)
            sent.wait(FLUSH_SECONDS)

    def _start(self):
        with self.lock:
            if self.thread is None:
                self.thread = threading.Thread(target=self._run, daemon=True, name="herald")
                self.thread.start()

    def _run(self):
        # Of its own: the default one is shared with whatever loop runs elsewhere in the process.
        layer = channel_layers.make_backend(DEFAULT_CHANNEL_LAYER)
        with asyncio.Runner() as runner:
            while True:
                word = self.words.get()
                if isinstance(word, threading.Event):
                    word.set()
                else:
                    self._send(runner, layer, *word)

    def _send(self, runner, layer, job_id, state):
        try:
            runner.run(broadcast.deliver([progress.note(job_id, **state)], layer))
        except Exception:
            logger.exception("the progress of job %s could not be told", job_id)


herald = Herald()
