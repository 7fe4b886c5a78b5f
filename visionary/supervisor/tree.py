"""The tree of processes: kept running until a signal asks for the end, then stopped in order."""

import os
import selectors
import signal
import time

from visionary.supervisor.console import Lines

# All is gone within 10 s of SIGTERM: web and workers have 7.5 s, then Redis, which they need to the last, 1 s.
STOP_SECONDS, LAST_SECONDS = 7.5, 1.0


class Tree:
    """Runs `children`; `on_ready` is called once, as soon as all of them are up."""

    def __init__(self, children, console, on_ready):
        self.children, self.console, self.on_ready = children, console, on_ready
        self.selector = selectors.DefaultSelector()
        self.asked = 0
        self.announced = False

    def run(self):
        """Return when everything has stopped, after SIGTERM, SIGINT or SIGHUP."""
        wakeup, previous = self._listen_for_signals()
        try:
            while not self.asked:
                self._tend()
                self._read(0.1)
        finally:
            self.stop()
            signal.set_wakeup_fd(-1)
            for number, handler in previous.items():
                signal.signal(number, handler)
            for end in wakeup:
                os.close(end)

    def _listen_for_signals(self):
        ends = os.pipe()
        for end in ends:
            os.set_blocking(end, False)
        signal.set_wakeup_fd(ends[1], warn_on_full_buffer=False)
        self.selector.register(ends[0], selectors.EVENT_READ, lambda: os.read(ends[0], 64))
        numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        return ends, {number: signal.signal(number, self._asked) for number in numbers}

    def _asked(self, number, frame):
        self.asked += 1

    def _tend(self):
        """Start what is due, tell of what died, announce readiness."""
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and not child.running:
                self._mourn(child, now)
            if child.due(now):
                self._start(child)
        if not self.announced and all(child.up for child in self.children):
            self.announced = True
            self.on_ready()

    def _start(self, child):
        child.start()
        lines = Lines(lambda text: self.console.line(child.name, text))
        pipe = child.process.stdout
        self.selector.register(pipe, selectors.EVENT_READ, lambda: self._forward(pipe, lines))

    def _mourn(self, child, now):
        pid = child.pid
        code, wait = child.reap(now)
        child.kill_group(pid)
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        self.console.say(f"{child.name} {how}; it starts again in {wait:g} s.")
        if code > 0 and not child.confirmed and (sentence := child.remedy()):
            self.console.say(sentence)

    def _forward(self, pipe, lines):
        try:
            data = os.read(pipe.fileno(), 65536)
        except BlockingIOError:
            return
        if data:
            lines.feed(data)
            return
        lines.close()
        self.selector.unregister(pipe)
        pipe.close()

    def _read(self, seconds):
        for key, _ in self.selector.select(seconds):
            key.data()

    def stop(self):
        """Web and workers first, together; what they need after them. A second signal shortens the wait."""
        self.console.say("Stopping ...")
        self._end([child for child in self.children if not child.last], STOP_SECONDS)
        self._end([child for child in self.children if child.last], LAST_SECONDS)
        self._read(0)
        self.console.say("Stopped.")

    def _end(self, children, seconds):
        pids = {child: child.pid for child in children if child.pid}
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + seconds
        while any(child.running for child in children) and time.monotonic() < deadline and self.asked < 2:
            self._read(0.05)
        for child, pid in pids.items():
            if child.running:
                self.console.say(f"{child.name} did not stop in time and is killed.")
            child.kill_group(pid)
            child.process.wait()
