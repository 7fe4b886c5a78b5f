"""What lives across jobs in a render worker's process: the engine with its checkpoint cache, and the wish to stop."""

import contextlib
import functools
import os
import socket
import threading

from generation import specs

_stop = threading.Event()
_current = {"job": None}


@functools.cache
def engine():
    """This process's engine. Only a worker ever calls this: torch is imported here."""
    from generation.engine.runner import Engine

    return Engine(**specs.engine_settings())


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


def current_job():
    return _current["job"]


@contextlib.contextmanager
def at_work_on(lease):
    _current["job"] = str(lease.job_id)
    try:
        yield
    finally:
        _current["job"] = None
