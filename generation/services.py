"""Everything that changes a job from outside: submit, cancel, retry."""

import hashlib
import json
import secrets

from django.conf import settings as site
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from generation import limits, progress, tickets
from generation.models import Job, JobLora
from models_hub.models import ModelCard
from safety import services as safety
from visionary.common.exceptions import DomainError

# What a version that recommends nothing is drawn with.
DEFAULTS = {"steps": 20, "guidance": 7.0, "sampler": "dpmpp_2m", "width": 512, "height": 512}
# The fields of a request; the same request gives the same digest.
ASKED = ("prompt", "negative_prompt", "steps", "guidance", "sampler", "width", "height", "seed", "count", "upscale")


class QuotaExceeded(DomainError):
    code = "too_many_jobs"
    status = 429


def submit_job(*, owner, version, prompt, negative_prompt="", publish=False, loras=(), idempotency_key=None, **asked):
    """Queue pictures for `owner` and return the Job; workers hear of it only after the commit.

    `asked` may hold steps, guidance, sampler, width, height, seed, count and upscale; what is absent or None comes
    from the version's recommended settings. `loras` are (version, weight) pairs. With an `idempotency_key` that this
    owner has used before, the earlier job is returned (its `replayed` is true).

    Raises BadValue, QuotaExceeded, DomainError; nothing is written in any of these cases.
    """
    asked |= {"prompt": prompt, "negative_prompt": negative_prompt or ""}
    digest = request_digest(version, asked, publish, loras)
    fields = resolve(version, asked)
    limits.check(fields, version.card.family)
    check_models(version, loras)
    safety.check_prompt(fields["prompt"], field="prompt")
    safety.check_prompt(fields["negative_prompt"], field="negative_prompt")
    with transaction.atomic():
        # Locks the owner's row: two tabs submitting at once count one after the other.
        User.objects.select_for_update().get(pk=owner.pk)
        if earlier := find_earlier(owner, idempotency_key, digest):
            return earlier
        check_quota(owner)
        prefix, negative_prefix = safety.guard()
        job = Job.objects.create(
            owner=owner,
            version=version,
            publish=publish,
            idempotency_key=idempotency_key or None,
            request_digest=digest,
            prefix=prefix,
            negative_prefix=negative_prefix,
            **fields,
        )
        JobLora.objects.bulk_create(JobLora(job=job, version=lora, weight=weight) for lora, weight in loras)
        transaction.on_commit(tickets.issue)
    return job


def resolve(version, asked):
    """All fields of a job, with what was not asked for taken from the version, the site, or chance (the seed)."""
    recommended = {key: version.settings[key] for key in DEFAULTS if key in version.settings}
    given = {key: value for key, value in asked.items() if value is not None}
    chance = {"seed": secrets.randbelow(limits.MAX_SEED - limits.MAX_COUNT)} if "seed" not in given else {}
    return {"count": 1, "upscale": 1, **DEFAULTS, **recommended, **chance, **given}


def request_digest(version, asked, publish, loras):
    """What tells whether a second request with the same key is the same request."""
    parts = [version.pk, publish, [(lora.pk, weight) for lora, weight in loras], [asked.get(key) for key in ASKED]]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def find_earlier(owner, key, digest):
    earlier = Job.objects.filter(owner=owner, idempotency_key=key).first() if key else None
    if earlier and earlier.request_digest != digest:
        message = _("This Idempotency-Key was used for a different request. Use a new key.")
        raise DomainError(message, code="idempotency_conflict", status=422)
    if earlier:
        earlier.replayed = True
    return earlier


def check_models(version, loras):
    """Raise DomainError unless the checkpoint can be used and every LoRA fits it."""
    if version.card.kind != ModelCard.Kind.CHECKPOINT or version.card.status != ModelCard.Status.PUBLISHED:
        raise DomainError(_("Model: this model cannot be used. Choose another one."), code="bad_model", field="model")
    if len(loras) > limits.MAX_LORAS:
        message = _("LoRA: choose at most %(most)d.") % {"most": limits.MAX_LORAS}
        raise limits.BadValue(message, field="loras")
    for lora, weight in loras:
        limits.check_number("weight", weight, *limits.LORA_WEIGHT)
        if lora.card.kind != ModelCard.Kind.LORA or lora.card.status != ModelCard.Status.PUBLISHED:
            raise DomainError(_("LoRA: this LoRA cannot be used. Choose another one."), code="bad_model", field="loras")
        if lora.card.family != version.card.family:
            message = _("LoRA: “%(lora)s” does not fit the model “%(model)s”. Remove it or change the model.")
            names = {"lora": lora.card.title, "model": version.card.title}
            raise DomainError(message % names, code="incompatible", field="loras")


def check_quota(owner):
    active = Job.objects.for_user(owner).active().count()
    if active >= site.MAX_ACTIVE_JOBS:
        message = _("You have %(active)d jobs under way; %(most)d is the most at once. Wait for one to finish.")
        raise QuotaExceeded(message % {"active": active, "most": site.MAX_ACTIVE_JOBS}, retry_after=10)


def cancel_job(*, job, by):
    """Cancel a waiting or running job of `by` (staff: of anybody). A running one stops at its next step."""
    check_owner(job, by)
    now = timezone.now()
    if not Job.objects.active().filter(pk=job.pk).update(state=Job.State.CANCELLED, finished_at=now, lease_token=None):
        raise DomainError(_("This job is already over."), code="job_over", status=409)
    job.refresh_from_db()
    transaction.on_commit(lambda: progress.announce(job))
    return job


def retry_job(*, job, by):
    """Put a failed or cancelled job back in the queue, with all its attempts."""
    check_owner(job, by)
    over = Job.objects.filter(pk=job.pk, state__in=[Job.State.FAILED, Job.State.CANCELLED])
    with transaction.atomic():
        User.objects.select_for_update().get(pk=job.owner_id)
        check_quota(job.owner)
        if not over.update(**FRESH, created_at=timezone.now()):
            raise DomainError(_("Only a failed or cancelled job can be tried again."), code="job_not_over", status=409)
        transaction.on_commit(tickets.issue)
    job.refresh_from_db()
    transaction.on_commit(lambda: progress.announce(job))
    return job


FRESH = {
    "state": Job.State.QUEUED,
    "stage": Job.Stage.QUEUED,
    "step": 0,
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


def check_owner(job, by):
    if job.owner_id != by.pk and not by.has_perm("generation.change_job"):
        raise DomainError(_("This is somebody else's job."), code="not_yours", status=403)
