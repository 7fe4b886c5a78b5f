"""What a ticket makes a render worker do: take the next job and draw it."""

import logging

from django.utils.translation import gettext_noop
from rq.timeouts import JobTimeoutException

from generation import finishing, leases, progress, resident, specs
from generation.engine.errors import Cancelled, EngineError
from generation.models import Job
from generation.reporting import Reporter
from visionary.common import request_id

logger = logging.getLogger(__name__)

TOO_LONG = gettext_noop("The picture took too long and was stopped. Try fewer steps or a smaller size.")


def run_next():
    """Draw one job, if any waits. A ticket delivered twice finds nothing to claim and returns."""
    lease = leases.claim_next(resident.worker_name())
    if lease is None:
        return
    mark = request_id.current.set(str(lease.job_id))
    try:
        run(lease)
    finally:
        request_id.current.reset(mark)


def run(lease):
    """Draw the job of `lease`; whatever happens, it ends or goes back to the queue."""
    job = Job.objects.with_details().get(pk=lease.job_id)
    progress.announce(job)
    try:
        with leases.Heartbeat(lease), resident.at_work_on(lease):
            rendered = resident.engine().render(specs.render_spec(job), on_event=Reporter(lease, job.steps))
            finishing.finish_job(lease, rendered)
    except (Cancelled, finishing.LeaseLost):
        leave(lease)
    except EngineError as error:
        logger.warning("job %s failed: %s", job.pk, error)
        finishing.fail_job(lease, error.code, error.template, **error.params)
    except JobTimeoutException:
        logger.warning("job %s took too long", job.pk)
        finishing.fail_job(lease, "timeout", TOO_LONG)
    except Exception:
        finishing.fail_job(lease, "internal", finishing.INTERNAL)
        raise  # RQ keeps the traceback, and the operator sees the ticket among the failed ones


def leave(lease):
    """The drawing was broken off: by the owner, by a lost lease, or because this worker is asked to stop."""
    if resident.stopping() and lease.give_back():
        logger.info("job %s: back in the queue, the worker stops", lease.job_id)
        progress.announce(Job.objects.get(pk=lease.job_id))
    else:
        logger.info("job %s: cancelled", lease.job_id)
