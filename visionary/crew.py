"""Several web processes behind one address: `python -m visionary.crew`.

One Python process uses one core. The crew opens the socket on HOST:PORT of the settings and starts WEB_PROCESSES
times `visionary.serve` on it; the kernel gives each connection to one of them. When one dies, all end, so that
whoever started the crew (the supervisor, a container) starts a whole one again.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

LEASH = str(Path(__file__).with_name("supervisor") / "leash.py")
BACKLOG = 512
# A request under way may end; the supervisor allows 10 s in all.
STOP_SECONDS = 5


def listen(host, port):
    """The listening socket. Exits with a sentence when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        sys.exit(f"Cannot listen on {host}:{port}: {error.strerror}")


def start(listener):
    command = [sys.executable, "-I", "-S", LEASH, str(os.getpid()), sys.executable, "-m", "visionary.serve"]
    environment = {**os.environ, "WEB_SOCKET": str(listener.fileno())}
    return subprocess.Popen(command, env=environment, pass_fds=[listener.fileno()])  # noqa: S603 - our own command


def stop(crew):
    for process in crew:
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + STOP_SECONDS
    for process in crew:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "visionary.settings")
    from django.conf import settings

    asked = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.append(True))
    listener = listen(settings.HOST, settings.PORT)
    crew = [start(listener) for _ in range(settings.WEB_PROCESSES)]
    while not asked and all(process.poll() is None for process in crew):
        time.sleep(0.1)
    stop(crew)
    sys.exit(0 if asked else "A web process ended by itself: see its lines above.")


if __name__ == "__main__":
    main()
