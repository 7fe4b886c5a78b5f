"""Workers: a light keeper and one long-lived child.

The child takes tickets and, for the render queue, holds the engine, so that checkpoints stay loaded from job to
job; that is why RQ's forking worker, which starts every job in a new process, will not do (and a fork after torch
has run can deadlock). The keeper never imports torch. When the child dies of a job, the keeper gives the job back
at once and starts a new child.
"""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time

import django_rq
from django.db import connections
from redis.exceptions import RedisError
from rq import SimpleWorker

from generation.engine.errors import EngineError
from generation.models import Job
from generation.recipes import specs
from generation.rendering import reaper, resident
from generation.scheduling import tickets, workers_report
from models_hub.models import ModelVersion
from visionary.common import fences, periodic

logger = logging.getLogger(__name__)

# The child gets this long to give its job back; the supervisor allows 10 s in all.
STOP_SECONDS = 6
REAP_SECONDS = 5
REPORT_SECONDS = 5
# A child that dies sooner than this after its start is started again only after a pause.
SHORT_LIFE, PAUSE = 5, 2
REDIS_PAUSE = 1


class Child(SimpleWorker):
    """RQ's in-process worker, which on a stop signal also asks the job under way to return to the queue."""

    def request_stop(self, signum, frame):
        resident.ask_to_stop()
        super().request_stop(signum, frame)


def run_child(queue_name):
    """Take tickets until asked to stop."""
    # At once: without its keeper it may wait for a Redis that is gone too; the lease gives the job back.
    fences.die_with_parent(signal.SIGKILL)
    resident.resume()
    queue = django_rq.get_queue(queue_name)
    if queue_name == tickets.RENDER:
        threading.Thread(target=report_for_ever, daemon=True, name="report").start()
        warm_up()
    queues = [tickets.own_queue(resident.worker_name()), queue] if queue_name == tickets.RENDER else [queue]
    while not resident.stopping():
        try:
            worker = Child(queues, connection=queue.connection, serializer=queue.serializer)
            worker.work(with_scheduler=False, logging_level=logging.WARNING)
        except RedisError as error:
            # The checkpoints stay loaded while Redis restarts.
            logger.warning("Redis does not answer (%s); trying again", error)
            time.sleep(REDIS_PAUSE)
    with contextlib.suppress(RedisError):
        workers_report.withdraw(resident.worker_name())


def warm_up():
    """Import torch and load the model that is most likely wanted, so that the first job need not wait for it."""
    engine = resident.engine()
    version = likely_version()
    if version is None or Job.objects.queued().exists():
        return
    try:
        with engine.cache.use(specs.checkpoint_ref(version)):
            logger.info("%s is loaded", version)
    except EngineError as error:
        logger.warning("%s could not be loaded: %s", version, error)


def likely_version():
    """The checkpoint of the latest job, else the first published one."""
    latest = Job.objects.order_by("-created_at", "-id").select_related("version__card").first()
    usable = ModelVersion.objects.published().checkpoints().select_related("card")
    return latest.version if latest else usable.order_by("pk").first()


def report_for_ever():
    while not resident.stopping():
        try:
            workers_report.publish(resident.worker_name(), resident.report())
        except Exception:
            logger.exception("the worker's report could not be written")
        time.sleep(REPORT_SECONDS)


class Keeper:
    """Keeps one child at work, reaps lost jobs, and ends the child when asked to stop."""

    def __init__(self, queue_name):
        self.queue_name = queue_name
        self.stopping = threading.Event()
        self.child = None

    def run(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        self.start()
        reaped_at = looked_at = 0.0
        while not self.stopping.wait(0.2):
            if self.child.poll() is not None:
                self.bury()
            if self.queue_name == tickets.RENDER and time.monotonic() - reaped_at >= REAP_SECONDS:
                reaped_at = time.monotonic()
                self.guarded(reaper.reconcile)
            if self.queue_name == tickets.SMALL and time.monotonic() - looked_at >= periodic.LOOK_SECONDS:
                looked_at = time.monotonic()
                self.guarded(periodic.order_due)
        self.stop()

    def start(self):
        command = [sys.executable, "manage.py", "work", self.queue_name, "--child"]
        # A session of its own: Ctrl-C in the terminal reaches the keeper, which then stops the child in order.
        self.child = subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own command
        self.started_at = time.monotonic()

    def bury(self):
        """The child is dead: its job goes back (or has had its attempts), and a new child takes over."""
        logger.error("the %s worker died (exit code %s); starting another", self.queue_name, self.child.returncode)
        self.give_back()
        if time.monotonic() - self.started_at < SHORT_LIFE:
            self.stopping.wait(PAUSE)
        if not self.stopping.is_set():
            self.start()

    def stop(self):
        self.child.terminate()
        try:
            self.child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            logger.warning("the %s worker did not stop in %d s and is killed", self.queue_name, STOP_SECONDS)
            self.child.kill()
            self.child.wait()
        self.give_back()

    def give_back(self):
        """The dead child's jobs return to the queue, and nobody counts on it any more."""
        if self.queue_name == tickets.RENDER:
            name = f"{resident.host()}-{os.getpid()}-{self.child.pid}"
            self.guarded(lambda: reaper.release(name))
            self.guarded(lambda: workers_report.withdraw(name))

    def guarded(self, deed):
        """The database may be away for a while; the next round tries again."""
        try:
            deed()
        except Exception:
            logger.exception("the round of the reaper failed")
        finally:
            connections.close_all()
