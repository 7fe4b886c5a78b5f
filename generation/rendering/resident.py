"""What lives across jobs in a render worker's process: the engine with its checkpoint cache, and the wish to stop."""

import contextlib
import functools
import os
import socket
import threading

from django.conf import settings

from generation.recipes import specs
from generation.rendering import cores
from generation.scheduling import batching
from generation.scheduling.capabilities import Capabilities

_stop = threading.Event()
_current: dict[str, list] = {"jobs": []}
# Keys of checkpoints that this worker has tried to load and could not hold.
_refused: set[str] = set()


@functools.cache
def engine():
    """This process's engine. Only a worker ever calls this: torch is imported here."""
    from generation.engine.runner import Engine

    return Engine(**specs.engine_settings() | {"threads": cores.threads(host(), worker_name())})


def host():
    return socket.gethostname()[:40]


def worker_name():
    """Host, keeper, child: a keeper finds its child's jobs by it."""
    return f"{host()}-{os.getppid()}-{os.getpid()}"


def ask_to_stop():
    """The job under way returns to the queue at its next step."""
    _stop.set()


def stopping():
    return _stop.is_set()


def resume():
    """Forget an earlier wish to stop (a worker starts its life with this)."""
    _stop.clear()


def current_jobs():
    """Ids of the jobs being drawn, as text."""
    return _current["jobs"]


@contextlib.contextmanager
def at_work_on(leases):
    _current["jobs"] = [str(lease.job_id) for lease in leases]
    try:
        yield
    finally:
        _current["jobs"] = []


def refuse(key):
    """Take no more jobs with this checkpoint: it is too large for this worker, whatever its files say."""
    _refused.add(key)


def report():
    """What this worker says of itself: what it is drawing, what it can run, its engine's figures."""
    jobs = current_jobs()
    own = {"name": worker_name(), "job": jobs[0] if jobs else None, "jobs": jobs}
    return {**own, "families": settings.RENDER_FAMILIES, "refused": sorted(_refused), **engine_report()}


def engine_report():
    """The engine's figures; while the engine is being made there are none, and asking must not make a second one."""
    return engine().report() if engine.cache_info().currsize else {"cache": None}


def capabilities():
    """What this worker can run, and how many pixels it may draw in one call."""
    said = report()
    return Capabilities.of(said), batching.most_pixels(said)
