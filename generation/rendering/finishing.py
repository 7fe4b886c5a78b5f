"""The end of a job: pictures, recipes and the new state, all together or not at all."""

import time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from generation.models import Job
from generation.rendering import storing
from generation.rendering.storing import LeaseLost, Pictures
from generation.scheduling import leases
from generation.watching import progress
from generation.watching.herald import herald
from models_hub import uses
from visionary.common import files

INTERNAL = gettext_noop("Something went wrong on our side. Try again; if it happens again, tell us the job's number.")


def finish_job(lease, rendered, job=None, pictures=None):
    """Store what is not stored yet of a job's pictures and mark it done, all together. Raises LeaseLost, with nothing
    stored by this, when it is not ours now.

    `job` is its row with details, as read when it was claimed; `pictures` the Pictures that took those that came early.
    """
    job = job or Job.objects.with_details().get(pk=lease.job_id)
    pictures = pictures or Pictures(lease, job)
    rest = pictures.rest(rendered)
    if rest:
        pictures.say(Job.Stage.SAVING, pictures.missing.index(max(rest)))
    started = time.monotonic()
    ready = {index: (one, *pictures.prepared(one, rendered.facts)) for index, one in rest.items()}
    with files.staged() as stage, transaction.atomic():
        pictures.seconds["save"] += time.monotonic() - started
        end = {**DONE, "step": job.steps, "finished_at": timezone.now()}
        end["seconds"] = timings(job, rendered.seconds | pictures.seconds)
        if not lease.rows().update(**end):
            raise LeaseLost
        publish = job.publish and storing.may_publish(job.owner_id)
        for index, (one, fields, png) in ready.items():
            storing.write(stage, job, index, one, fields, png, publish=publish)
        if publish and len(ready) < job.count:
            storing.publish(job, end["finished_at"])
        uses.count(versions_of(job))
        stage.carry_out()
    for column, value in end.items():
        setattr(job, column, value)
    herald.flush()
    progress.announce(job)
    return job


DONE = {"state": Job.State.DONE, "stage": Job.Stage.SAVING, "lease_token": None, "lease_until": None}


def versions_of(job):
    """Everything of the hub that drew the pictures; an enlargement is drawn by what comes with the site."""
    if job.kind == Job.Kind.UPSCALE:
        return []
    return [job.version, job.vae, job.control, *job.embeddings.all(), *(lora.version for lora in job.loras.all())]


def timings(job, parts):
    """Seconds of each part of a job, to a millisecond."""
    # created_at is when it was last submitted; started_at when the attempt that succeeded began.
    queue = (job.started_at - job.created_at).total_seconds()
    parts = {"queue": queue, **parts}
    return {name: round(value, 3) for name, value in parts.items()}


def fail_job(lease, code, sentence, **params):
    """Mark a job failed with a sentence for its owner. False when it is no longer ours."""
    failed = bool(lease.rows().update(**leases.failure(code, sentence, **params)))
    if failed:
        progress.announce(Job.objects.get(pk=lease.job_id))
    return failed
