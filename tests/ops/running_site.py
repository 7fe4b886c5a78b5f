"""The whole site as real processes, in a data folder and on a port of its own."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

import dj_database_url
import psutil

from visionary.env import ROOT

PROXYLESS = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RunningSite:
    """`manage.py run` with its output, its processes and its answers. Use as a context manager."""

    def __init__(self, data_dir, **environment):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "DATA_DIR": str(data_dir), "PORT": str(self.port), "HOST": "127.0.0.1"}
        self.environment.pop("DJANGO_SUPERUSER_PASSWORD", None)
        if os.environ.get("DATABASE_URL"):
            self.environment["DATABASE_URL"] = fresh_database(os.environ["DATABASE_URL"])
        if os.environ.get("REDIS_URL"):
            self.environment["REDIS_DB_OFFSET"] = "60"
        self.environment |= environment
        self.lines, self.process, self.seen = [], None, set()

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.kill_all()

    def start(self):
        """Start it and return at once."""
        self.lines = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, args=(self.process, self.lines), daemon=True)
        self.reader.start()
        return self

    def _read(self, process, lines):
        lines.extend(iter(process.stdout.readline, ""))

    @property
    def output(self):
        return "".join(self.lines)

    def wait_for(self, pattern, seconds=180):
        """Return the match of `pattern` in the output, once it is there; fail at once when the site has ended."""

        def seen():
            ended = self.process.poll() is not None
            found = re.search(pattern, self.output)
            assert found or not ended, self.output[-5000:]
            return found

        return wait_until(seen, seconds, lambda: f"{pattern!r} not in:\n{self.output[-5000:]}")

    def ready(self):
        self.wait_for(r"Ready: http")
        self.processes()
        return self

    def processes(self):
        """The supervisor and all its descendants that live now; those ever seen are remembered for kill_all."""
        try:
            parent = psutil.Process(self.process.pid)
            found = [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            found = []
        self.seen.update(found)
        return found

    def named(self, part):
        """The descendants whose command line contains `part`."""
        return [process for process in self.processes()[1:] if part in " ".join(command_of(process))]

    def survivors(self):
        return [process for process in self.seen if alive(process)]

    def stop(self, number=signal.SIGTERM, seconds=30):
        """Ask it to stop; return the exit code."""
        self.processes()
        self.process.send_signal(number)
        return self.wait(seconds)

    def wait(self, seconds=60):
        code = self.process.wait(seconds)
        self.reader.join(10)
        return code

    def kill_all(self):
        self.processes()
        for process in self.seen:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(30)

    def get(self, path):
        """(status, body) of a page; status 0 when nothing listens."""
        try:
            with PROXYLESS.open(self.url + path, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except (urllib.error.URLError, ConnectionError):
            return 0, b""

    def json(self, path):
        return json.loads(self.get(path)[1] or "{}")

    def manage(self, *arguments):
        """Run another management command on the same data; return what it prints."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()

    def shell(self, code):
        return self.manage("shell", "--no-imports", "-c", code)


def wait_until(condition, seconds, complaint=lambda: "it did not happen"):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := condition():
            return result
        time.sleep(0.05)
    raise AssertionError(complaint())


def command_of(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def alive(process):
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def fresh_database(url):
    """The address of a new, empty database on the server of `url`."""
    import MySQLdb

    at, name = dj_database_url.parse(url), f"visionary_site_{uuid.uuid4().hex[:8]}"
    connection = MySQLdb.connect(
        host=at["HOST"] or "127.0.0.1", port=int(at["PORT"] or 3306), user=at["USER"], password=at["PASSWORD"]
    )
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_as_ci")
    return url.rpartition("/")[0] + "/" + name
