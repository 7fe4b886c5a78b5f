"""Many processes, one readable log: every line begins with the name of the process that wrote it."""

import os
import sys

# Readable on dark and on light terminals.
COLOURS = {"site": 1, "redis": 35, "web": 36, "render": 33, "small": 32}
WIDTH = max(map(len, COLOURS))


class Console:
    """Writes whole lines to `out`, with colours only where a person watches."""

    def __init__(self, out=None):
        self.out = out or sys.stdout
        self.coloured = self.out.isatty() and "NO_COLOR" not in os.environ

    def line(self, name, text):
        prefix = f"{name:<{WIDTH}} |"
        if self.coloured:
            prefix = f"\033[{COLOURS.get(name, 37)}m{prefix}\033[0m"
        self.out.write(f"{prefix} {text}\n")
        self.out.flush()

    def say(self, text):
        """A line of the supervisor itself."""
        self.line("site", text)

    def box(self, lines):
        """Something not to be missed."""
        width = max(map(len, lines))
        rule = "+" + "-" * (width + 2) + "+"
        for text in (rule, *(f"| {line:<{width}} |" for line in lines), rule):
            self.say(text)


class Lines:
    """Cuts what a process writes into lines, whatever pieces it arrives in."""

    LONGEST = 16 * 1024

    def __init__(self, emit):
        self.emit, self.rest = emit, b""

    def feed(self, data):
        *whole, self.rest = (self.rest + data).split(b"\n")
        if len(self.rest) > self.LONGEST:
            whole, self.rest = [*whole, self.rest], b""
        for line in whole:
            self._emit(line)

    def close(self):
        if self.rest:
            self._emit(self.rest)
        self.rest = b""

    def _emit(self, line):
        # A bare carriage return would let a process (or a user's text in its log) overwrite its own prefix.
        self.emit(line.decode("utf-8", "replace").rstrip("\r").replace("\r", "\\r").replace("\x1b", "\\x1b"))
