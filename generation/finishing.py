"""The end of a job: pictures, recipes and the new state, all together or not at all."""

import time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from gallery import services as gallery
from generation import leases, lineage, progress, recipes
from generation.models import Job, Result
from visionary.common import files

INTERNAL = gettext_noop("Something went wrong on our side. Try again; if it happens again, tell us the job's number.")


class LeaseLost(Exception):
    """The job was cancelled or given to another worker while its pictures were being written."""


def finish_job(lease, rendered):
    """Store the pictures of a job and mark it done. Raises LeaseLost, with nothing stored, when it is not ours now."""
    job = Job.objects.with_details().get(pk=lease.job_id)
    if lease.renew(stage=Job.Stage.SAVING):
        progress.say(job.pk, stage="saving", step=0, steps=1)
    started = time.monotonic()
    pngs = [gallery.encode(image, recipes.fields(job, rendered, index)) for index, image in enumerate(rendered.images)]
    with files.staged() as stage, transaction.atomic():
        seconds = timings(job, rendered.seconds, time.monotonic() - started)
        if not lease.rows().update(**DONE, step=job.steps, finished_at=timezone.now(), seconds=seconds):
            raise LeaseLost
        for index, png in enumerate(pngs):
            picture = gallery.store(
                stage,
                id=job.picture_id(index),
                owner=job.owner,
                png=png,
                recipe=recipes.fields(job, rendered, index),
                publish=job.publish,
            )
            Result.objects.create(job=job, index=index, picture=picture)
            lineage.record(job, picture)
        stage.carry_out()
    job.refresh_from_db()
    progress.announce(job)
    return job


DONE = {"state": Job.State.DONE, "stage": Job.Stage.SAVING, "lease_token": None, "lease_until": None}


def timings(job, engine_seconds, encoding):
    """Seconds of each part of a job, to a millisecond."""
    # created_at is when it was last submitted; started_at when the attempt that succeeded began.
    queue = (job.started_at - job.created_at).total_seconds()
    parts = {"queue": queue, **engine_seconds, "save": encoding}
    return {name: round(value, 3) for name, value in parts.items()}


def fail_job(lease, code, sentence, **params):
    """Mark a job failed with a sentence for its owner. False when it is no longer ours."""
    failed = bool(lease.rows().update(**leases.failure(code, sentence, **params)))
    if failed:
        progress.announce(Job.objects.get(pk=lease.job_id))
    return failed
