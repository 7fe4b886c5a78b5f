"""What must hold before the first page is served. Each step answers with a few words for the operator."""

import fcntl
import hashlib
import io
import shutil
import socket
from pathlib import Path

import django
import django_rq
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from models_hub import services
from visionary.common import redis_server
from visionary.common.exceptions import DomainError
from visionary.supervisor import StartRefused

# Below this nothing can be written for long: a picture with its previews takes about 1 MB, a migration of a
# large SQLite file a copy of a table.
LEAST_FREE_BYTES = 500 * 2**20


def lock():
    """Claim the data folder for this process; the claim ends with it. Returns the open file."""
    settings.RUN_DIR.mkdir(parents=True, exist_ok=True)
    file = (settings.RUN_DIR / "supervisor.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StartRefused(
            f"The site is already running with the data folder {settings.DATA_DIR}: "
            "stop it first, or set DATA_DIR to another folder."
        ) from None
    return file


def port():
    """Refuse a port that cannot be listened on."""
    host, number = settings.HOST, settings.PORT
    if not 0 < number < 65536:
        raise StartRefused(f"PORT is {number}; it must be between 1 and 65535.")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        raise StartRefused(
            f"HOST is {host!r}, which is no address of this machine. Use 127.0.0.1 or 0.0.0.0."
        ) from None
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError:
            raise StartRefused(f"Port {number} needs administrator rights: set PORT to a number above 1023.") from None
        except OSError:
            raise StartRefused(
                f"Port {number} on {host} is taken by another program: stop that one, or set PORT to another number "
                f"(PORT={number + 1} make run)."
            ) from None
    return f"{host}:{number} is free"


def disk():
    try:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(settings.DATA_DIR).free
    except OSError as error:
        raise StartRefused(f"The data folder {settings.DATA_DIR} cannot be used: {error.strerror}.") from None
    if free < LEAST_FREE_BYTES:
        raise StartRefused(
            f"Only {free // 2**20} MB are free for {settings.DATA_DIR}; at least {LEAST_FREE_BYTES // 2**20} MB are "
            "needed. Make room, or set DATA_DIR to a folder on another disk."
        )
    return f"{settings.DATA_DIR}, {free / 2**30:.0f} GB free"


def queue():
    """Refuse a Redis that could lose jobs; the bundled one is ours to set."""
    if not settings.REDIS_URL:
        redis_server.binary()
        return "bundled Redis"
    if sentence := redis_server.refusal(django_rq.get_connection("render")):
        raise StartRefused(sentence)
    return "REDIS_URL"


def database():
    """Bring the tables up to date."""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        raise StartRefused(
            f"The database cannot be used: {error} (see DATABASE_URL, and the rights of its folder)."
        ) from None
    return f"{len(plan)} migrations applied" if plan else "up to date"


def static_files():
    """Collect the static files, unless the same set was collected before."""
    stamp, state = Path(settings.STATIC_ROOT) / ".collected", static_state()
    if stamp.exists() and stamp.read_text() == state:
        return "unchanged"
    call_command("collectstatic", interactive=False, clear=stamp.exists(), verbosity=0)
    stamp.write_text(state)
    return "collected"


def static_state():
    """A digest of every source file's name, size and time, and of what decides how it is stored."""
    digest = hashlib.sha256(repr((django.VERSION, settings.STORAGES["staticfiles"], settings.STATIC_URL)).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def weights():
    """Fetch the weights that are missing."""
    try:
        call_command("fetch_models", stdout=io.StringIO())
    except CommandError as error:
        raise StartRefused(str(error)) from None
    return "present"


def starters():
    """List the checkpoints that came with the site among its models."""
    try:
        found = services.register_starters()
    except (OSError, ValueError, DomainError) as error:
        raise StartRefused(f"The starter models cannot be used: {error}. Check out models_hub/starter again.") from None
    return f"{len(found)} starter models"
