"""The end of a job: pictures, recipes and the new state, all together or not at all."""

import time

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from gallery import services as gallery
from gallery import verdicts
from generation.models import Job, Result
from generation.recipes import lineage, recipes
from generation.rendering import checking
from generation.scheduling import leases
from generation.watching import progress
from generation.watching.herald import herald
from visionary.common import files

INTERNAL = gettext_noop("Something went wrong on our side. Try again; if it happens again, tell us the job's number.")


class LeaseLost(Exception):
    """The job was cancelled or given to another worker while its pictures were being written."""


def finish_job(lease, rendered, job=None):
    """Store the pictures of a job and mark it done. Raises LeaseLost, with nothing stored, when it is not ours now.

    `job` is its row with details, as read when it was claimed.
    """
    job = job or Job.objects.with_details().get(pk=lease.job_id)
    started = time.monotonic()
    pictures = checking.look(lease, job, rendered)
    checked = time.monotonic()
    if lease.renew(stage=Job.Stage.SAVING):
        herald.say(job.pk, stage="saving", step=0, steps=1)
    all_fields = [recipes.fields(job, rendered, one.seed) for one in pictures]
    pngs = [gallery.encode(one.image, fields) for one, fields in zip(pictures, all_fields, strict=True)]
    with files.staged() as stage, transaction.atomic():
        ours = {"check": checked - started, "save": time.monotonic() - checked}
        end = {**DONE, "step": job.steps, "finished_at": timezone.now()}
        end["seconds"] = timings(job, rendered.seconds | ours)
        if not lease.rows().update(**end):
            raise LeaseLost
        for index, (one, png, fields) in enumerate(zip(pictures, pngs, all_fields, strict=True)):
            picture = gallery.store(
                stage,
                id=job.picture_id(index),
                owner=job.owner,
                png=png,
                recipe=fields,
                publish=job.publish,
            )
            Result.objects.create(job=job, index=index, picture=picture)
            if one.verdict:
                verdicts.record(picture, one.verdict, was_drawn_again=one.was_drawn_again)
            lineage.record(job, picture)
        stage.carry_out()
    for column, value in end.items():
        setattr(job, column, value)
    herald.flush()
    progress.announce(job)
    return job


DONE = {"state": Job.State.DONE, "stage": Job.Stage.SAVING, "lease_token": None, "lease_until": None}


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
