"""Everything that changes a job from outside: submit, cancel, retry."""

from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import sanctions
from accounts.models import User
from generation.asking import drafts, resources
from generation.asking.queue import check_owner, hold_job, move_job, now_position, release_job
from generation.models import Job
from generation.prompting import history
from generation.scheduling import quotas, tickets
from generation.scheduling.quotas import QuotaExceeded, check_quota
from generation.watching import progress
from safety import services as safety
from visionary.common.exceptions import DomainError

__all__ = ["QuotaExceeded", "cancel_job", "hold_job", "move_job", "release_job", "retry_job", "submit_job"]


def submit_job(*, owner, publish=False, idempotency_key=None, group=None, is_bulk=False, is_variation=False, **asked):
    """Queue pictures for `owner` and return the Job; workers hear of it only after the commit.

    `asked` holds `version` (of a checkpoint) and `prompt`, and may hold negative_prompt, kind, steps, guidance,
    sampler, width, height, seed, count, upscale, clip_skip, loras ((version, weight) pairs), embeddings (versions),
    vae, control, control_source, preprocessor, control_weight, source, mask, mask_blur, strength, outpaint
    ({"left", ...} in pixels), prompt_asked and remix_of (a Picture). What is absent or None comes from the source or
    the version's recommended settings. With an `idempotency_key` that this owner has used before, the earlier job is
    returned (its `replayed` is true).

    Raises BadValue, Misfit, QuotaExceeded, DomainError; nothing is written in any of these cases.
    """
    draft = drafts.draft(owner=owner, publish=publish, is_variation=is_variation, **asked)
    with transaction.atomic():
        # Locks the owner's row: two tabs submitting at once count one after the other.
        check_may_ask(User.objects.select_for_update().get(pk=owner.pk), publish)
        if earlier := find_earlier(Job.objects.filter(owner=owner), idempotency_key, draft.digest):
            return earlier
        check_quota(owner, 1, draft.megapixel_steps, bulk=is_bulk)
        job = draft.write(owner=owner, group=group, is_bulk=is_bulk, idempotency_key=idempotency_key or None)
        if not is_bulk:
            history.record_job(job, asked)
        transaction.on_commit(tickets.issue)
        transaction.on_commit(lambda: progress.tell_owner(owner.pk))
    return job


def check_may_ask(owner, publish=False):
    """Raise DomainError for the banned; the muted may draw, but not for others to see. `owner` was just read."""
    sanctions.refuse_if_banned(owner)
    if publish:
        sanctions.refuse_if_muted(owner)


def find_earlier(rows, key, digest):
    """The row (a job or a grid) that an earlier request with this key has made, or None. Raises DomainError."""
    earlier = rows.filter(idempotency_key=key).first() if key else None
    if earlier and earlier.request_digest != digest:
        message = _("This Idempotency-Key was used for a different request. Use a new key.")
        raise DomainError(message, code="idempotency_conflict", status=422)
    if earlier:
        earlier.replayed = True
    return earlier


def cancel_job(*, job, by):
    """Cancel a waiting or running job of `by` (staff: of anybody). A running one stops at its next step."""
    check_owner(job, by)
    now = timezone.now()
    if not Job.objects.active().filter(pk=job.pk).update(state=Job.State.CANCELLED, finished_at=now, lease_token=None):
        raise DomainError(_("This job is already over."), code="job_over", status=409)
    job.refresh_from_db()
    transaction.on_commit(lambda: progress.announce(job))
    return job


def cancel_jobs_of(user):
    """Cancel all that a user has waiting, held or running, as when they are banned."""
    active = list(Job.objects.active().filter(owner=user))
    over = {"state": Job.State.CANCELLED, "finished_at": timezone.now(), "lease_token": None}
    Job.objects.active().filter(owner=user).update(**over)
    for job in active:
        job.state = Job.State.CANCELLED
        transaction.on_commit(partial(progress.announce, job), robust=True)


def retry_job(*, job, by):
    """Put a failed or cancelled job back in the queue, with all its attempts. Raises QuotaExceeded, DomainError."""
    check_owner(job, by)
    check_again(job)
    over = Job.objects.filter(pk=job.pk, state__in=[Job.State.FAILED, Job.State.CANCELLED])
    with transaction.atomic():
        check_may_ask(User.objects.select_for_update().get(pk=job.owner_id), job.publish)
        # As it is under the lock: a worker or another tab may have changed it since.
        now = Job.objects.get(pk=job.pk)
        spent, now.begun_with = quotas.spent_before(now), now.results.count()
        check_quota(now.owner, 1, quotas.megapixel_steps(now), bulk=now.is_bulk)
        fresh = {**FRESH, **spent, "begun_with": now.begun_with}
        if not over.update(**fresh, created_at=timezone.now(), position=now_position()):
            raise DomainError(_("Only a failed or cancelled job can be tried again."), code="job_not_over", status=409)
        transaction.on_commit(tickets.issue)
    job.refresh_from_db()
    transaction.on_commit(lambda: progress.announce(job))
    return job


def check_again(job):
    """Raise DomainError when the site would not take the job now: models are withdrawn, the list of words grows."""
    if job.kind == Job.Kind.UPSCALE:
        return
    loras = tuple((one.version, one.weight) for one in job.loras.select_related("version__card"))
    embeddings = tuple(job.embeddings.select_related("card"))
    resources.check(job.version, resources.Resources(loras, embeddings, job.vae, job.control))
    for text, field in ((job.prompt, "prompt"), (job.negative_prompt, "negative_prompt")):
        safety.check_prompt(text, field=field)


FRESH = {
    "state": Job.State.QUEUED,
    "stage": Job.Stage.QUEUED,
    "step": 0,
    "drawn": 0,
    "attempts": 0,
    "error_code": "",
    "error_message": "",
    "error_params": {},
    "started_at": None,
    "finished_at": None,
    "lease_token": None,
    "lease_until": None,
    "worker": "",
}
