"""A private site for measurements: own data folder, own Redis, own workers, removed afterwards.

Import this before anything of Django: it points the settings at the private folder.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(tempfile.mkdtemp(prefix="visionary-bench-"))
os.chdir(ROOT)
os.environ.update(DATA_DIR=str(DATA), LOG_LEVEL=os.environ.get("LOG_LEVEL", "ERROR"), MAX_ACTIVE_JOBS="100000")
os.environ.setdefault("WEIGHTS_DIR", str(ROOT / "var" / "weights"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "visionary.settings")

_processes: list[subprocess.Popen] = []


def start_redis():
    """The bundled server on the private socket, durable as on a real site."""
    from visionary.common import redis_server

    process = redis_server.start(DATA / "run", DATA / "redis", stdout=subprocess.DEVNULL)
    _processes.append(process)
    return process


def start_worker(queue="render", **environment):
    """`manage.py work QUEUE`, in a session of its own."""
    command = [sys.executable, "manage.py", "work", queue]
    process = subprocess.Popen(command, env=os.environ | environment, start_new_session=True)
    _processes.append(process)
    return process


def start_web():
    """The web server on a free port. Returns the port, once it answers."""
    import http.client
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], check=True)
    command = [sys.executable, "-m", "visionary.crew"]
    _processes.append(subprocess.Popen(command, env=os.environ | {"PORT": str(port)}, start_new_session=True))

    def answers():
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False

    wait_until(answers, 60)
    return port


def set_up():
    """Redis, an empty migrated database and the starter models. Returns the user who asks for everything."""
    redis = start_redis()
    import django

    django.setup()
    from django.core.management import call_command

    from accounts.models import User
    from models_hub.services import register_starters

    call_command("migrate", verbosity=0)
    register_starters()
    return redis, User.objects.create_user("bench", "bench@example.org", "bench-password-1")


def starter():
    from models_hub.models import ModelVersion

    return ModelVersion.objects.get(card__slug="starter-3d")


def children(pid):
    """Process ids of the direct children of `pid`."""
    import psutil

    return [child.pid for child in psutil.Process(pid).children()]


def wait_until(condition, seconds, every=0.1):
    """Wait for `condition()`; returns the seconds it took. Raises TimeoutError."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(every)
    return time.monotonic() - began


@atexit.register
def tear_down():
    for process in reversed(_processes):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in _processes:
        try:
            process.wait(12)
        except subprocess.TimeoutExpired:
            process.kill()
    shutil.rmtree(DATA, ignore_errors=True)
