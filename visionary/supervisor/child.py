"""One process of the site, and how it is started, restarted and stopped."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from visionary.env import ROOT

LEASH = str(Path(__file__).with_name("leash.py"))
# A process that keeps dying is started again after 0.5, 1, 2, 4 ... seconds; one that ran this long starts afresh.
FIRST_WAIT, LONGEST_WAIT, STEADY = 0.5, 30, 60
# How often a process that was started is asked whether it is ready.
ASK_SECONDS = 0.25


class Child:
    """A command that should always run.

    It is started once `after` (another Child, or None) is up, and is itself up once `ready()` holds; a child that is
    `last` is stopped when all others have ended. `remedy()` is called when it ends with an error before it was up:
    it puts right what can be, and returns a sentence about it, or None.
    """

    def __init__(self, name, command, *, after=None, ready=None, last=False, remedy=None):
        self.name, self.command, self.after, self.last = name, command, after, last
        self.ready, self.remedy = ready or (lambda: True), remedy or (lambda: None)
        self.process = None
        self.confirmed = False
        self.start_at = self.started_at = self.ask_at = 0.0
        self.failures = 0

    @property
    def pid(self):
        return self.process.pid if self.process else None

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    @property
    def up(self):
        """Running, and ready at least once since it was started."""
        if self.running and not self.confirmed and time.monotonic() >= self.ask_at:
            self.ask_at = time.monotonic() + ASK_SECONDS
            self.confirmed = self.ready()
        return self.running and self.confirmed

    def due(self, now):
        """True when it should be started now: nothing runs, the wait is over, and what comes before it is up."""
        return self.process is None and now >= self.start_at and (self.after is None or self.after.up)

    def start(self):
        """Start it in a session of its own: Ctrl-C reaches only the supervisor, and a kill reaches its children."""
        self.started_at, self.confirmed = time.monotonic(), False
        leashed = [sys.executable, "-I", "-S", LEASH, str(os.getpid()), *self.command]
        self.process = subprocess.Popen(  # noqa: S603 - the commands are the supervisor's own
            leashed,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        os.set_blocking(self.process.stdout.fileno(), False)

    def reap(self, now):
        """Note the death of the process and return (exit code, seconds until it is started again)."""
        code, self.process = self.process.returncode, None
        self.failures = 0 if now - self.started_at > STEADY else self.failures + 1
        wait = min(FIRST_WAIT * 2 ** max(self.failures - 1, 0), LONGEST_WAIT)
        self.start_at = now + wait
        return code, wait

    def ask_to_stop(self):
        """SIGTERM to the process alone: a worker stops its own helpers in the right order."""
        if self.running:
            self.process.send_signal(signal.SIGTERM)

    def kill_group(self, pid):
        """SIGKILL to whatever is left of its process group."""
        try:
            os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return
