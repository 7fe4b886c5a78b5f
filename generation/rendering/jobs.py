"""What a ticket makes a render worker do: take the next job, and what can be drawn with it, and draw."""

import contextlib
import dataclasses
import logging
from dataclasses import dataclass

from django.utils.translation import gettext_noop
from rq.timeouts import JobTimeoutException

from generation.engine.errors import Cancelled, CheckpointTooLarge, EngineError
from generation.engine.members import Member, Rendered
from generation.models import Job
from generation.recipes import specs
from generation.rendering import ahead, finishing, resident
from generation.rendering.reporting import Reporter
from generation.rendering.storing import Pictures
from generation.scheduling import capabilities, leases
from generation.watching import progress
from generation.watching.herald import herald
from visionary.common import request_id

logger = logging.getLogger(__name__)

TOO_LONG = gettext_noop("The picture took too long and was stopped. Try fewer steps or a smaller size.")


@dataclass
class Part:
    """One job of a call: its lease, its row, its pictures, and what has come of it (a Rendered or an exception)."""

    lease: leases.Lease
    job: Job
    pictures: Pictures
    outcome: object = None


def run_next():
    """Draw one job and its companions, if any wait. A ticket delivered twice finds nothing to claim and returns."""
    able, pixels = resident.capabilities()
    held = leases.claim_batch(resident.worker_name(), able, pixels=pixels)
    if held:
        run(held, able)
    else:
        ahead.pass_on(able)


def run(held, able=None):
    """Draw the jobs of the leases `held` in one call; whatever happens, each ends or goes back to the queue.

    Raises the first fault that nobody expected, once all jobs are settled.
    """
    parts = read(held)
    faults = []
    with leases.Heartbeat(*held), resident.at_work_on(held):
        for part in parts:
            progress.announce(part.job)
        ahead.look(parts[0].job.version, able)
        draw(parts)
        for part in parts:
            with marked(part), collected(faults):
                conclude(part)
    if faults:
        raise faults[0]  # RQ keeps the traceback, and the operator sees the ticket among the failed ones


def read(held):
    # Read once: who asked and what for does not change while it is drawn.
    rows = Job.objects.with_details().in_bulk([lease.job_id for lease in held])
    return [Part(lease, rows[lease.job_id], Pictures(lease, rows[lease.job_id])) for lease in held]


def draw(parts):
    """Give every part its outcome. The engine sees to it that one bad job fails alone; time that runs out ends all."""
    members = [(part, member) for part in parts if (member := make_member(part))]
    try:
        together = [member for _part, member in members]
        outcomes = resident.engine().render_many(together, fatal=(JobTimeoutException,)) if together else []
    except Exception as fault:
        outcomes = [fault] * len(members)
    for (part, _member), outcome in zip(members, outcomes, strict=True):
        part.outcome = outcome


def make_member(part):
    missing = part.pictures.missing
    if not missing:  # a worker died after storing the last one
        part.outcome = Rendered([], {}, True, {})
        return None
    try:
        spec = specs.render_spec(part.job)
        spec = dataclasses.replace(spec, seeds=tuple(spec.seeds[index] for index in missing))
        part.pictures.reporter = Reporter(part.lease, part.job, missing)
        return Member(spec, part.pictures.reporter, part.pictures.take)
    except Exception as error:
        part.outcome = error
        return None


def conclude(part):
    """Store what was drawn, or say what went wrong. Raises a fault that nobody expected."""
    lease, outcome = part.lease, part.outcome
    if part.pictures.reporter:
        part.pictures.reporter.glance.end()
    herald.flush()
    try:
        if isinstance(outcome, Exception):
            raise outcome
        finishing.finish_job(lease, outcome, part.job, part.pictures)
    except (Cancelled, finishing.LeaseLost):
        leave(lease)
    except CheckpointTooLarge as error:
        refuse(part, error)
    except EngineError as error:
        logger.warning("job %s failed: %s", lease.job_id, error)
        finishing.fail_job(lease, error.code, error.template, **error.params)
    except JobTimeoutException:
        logger.warning("job %s took too long", lease.job_id)
        finishing.fail_job(lease, "timeout", TOO_LONG)
    except Exception:
        finishing.fail_job(lease, "internal", finishing.INTERNAL)
        raise


def leave(lease):
    """The drawing was broken off: by the owner, by a lost lease, or because this worker is asked to stop."""
    if resident.stopping() and lease.give_back():
        logger.info("job %s: back in the queue, the worker stops", lease.job_id)
        progress.announce(Job.objects.get(pk=lease.job_id))
    else:
        logger.info("job %s: cancelled", lease.job_id)


def refuse(part, error):
    """The checkpoint does not fit here: another worker may have more room; if none has, the job fails."""
    resident.refuse(part.job.version.sha256)
    needs = capabilities.needs_of(part.job.version)
    others = [worker for worker in capabilities.live() if worker.name != resident.worker_name()]
    if any(worker.can_run(needs) for worker in others) and part.lease.give_back():
        logger.info("job %s: %s does not fit here, left to another worker", part.job.pk, needs.name)
        progress.announce(Job.objects.get(pk=part.job.pk))
        ahead.pass_on(resident.capabilities()[0])
    else:
        finishing.fail_job(part.lease, error.code, error.template, **error.params)


@contextlib.contextmanager
def marked(part):
    """Lines of the log inside the block carry the job's id."""
    mark = request_id.current.set(str(part.lease.job_id))
    try:
        yield
    finally:
        request_id.current.reset(mark)


@contextlib.contextmanager
def collected(faults):
    """One job's fault must not keep the next from being stored."""
    try:
        yield
    except Exception as fault:
        faults.append(fault)
