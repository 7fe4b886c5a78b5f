"""A look past the job under way: what must be loaded next, and whom a ticket should go to instead."""

import logging
from itertools import islice

from generation.recipes import specs
from generation.rendering import resident
from generation.scheduling import capabilities, scheduler, tickets
from models_hub.models import ModelVersion

logger = logging.getLogger(__name__)

# How far down the queue a worker looks for a checkpoint that it will need.
FAR = 10


def look(present, able):
    """Have the engine read the next checkpoint's files while it draws with `present`, when it can do that.

    Only a kindness to the next job, which will meet any fault itself: nothing is raised.
    """
    try:
        read_ahead = getattr(resident.engine(), "read_ahead", None)
        if read_ahead and able and (version := next_version(present.sha256, able)):
            read_ahead(specs.checkpoint_ref(version))
    except Exception:
        logger.exception("the next checkpoint could not be read ahead")


def next_version(present, able):
    key = next_key(present, able)
    return key and ModelVersion.objects.select_related("card").filter(sha256=key).first()


def next_key(present, able):
    """The key of the first checkpoint in the queue that is neither loaded nor being loaded, or None."""
    order = scheduler.waiting_order(resident=able.resident, capabilities=able, heads=FAR)
    keys = (entry.needs.key for entry in islice(order, FAR))
    return next((key for key in keys if key != present and key not in able.resident), None)


def pass_on(able):
    """This worker's ticket found nothing to run: give one to a worker that can run what waits, if there is any."""
    others = [worker for worker in capabilities.live() if worker.name != able.name]
    for entry in scheduler.waiting_order(heads=1) if others else ():
        fit = [worker for worker in others if worker.can_run(entry.needs)]
        if fit and not able.can_run(entry.needs):
            tickets.issue(worker=fit[0].name)
            return
