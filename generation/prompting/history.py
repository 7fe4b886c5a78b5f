"""The prompts that a user has used: kept at every submit, found again, starred."""

import hashlib

from django.db.models import F, Q
from django.utils import timezone

from generation.models import Job, SavedPrompt

# Prompts kept for one user beside the starred ones; the oldest go first.
MOST_KEPT = 500
# How many more may gather before they are cleared away.
SLACK = 50


def record(*, owner, text, negative=""):
    """Note that `owner` has used this prompt now; the same wording again counts up instead of adding a row."""
    text, negative = text.strip(), (negative or "").strip()
    if not text:
        return None
    digest = hashlib.sha256(f"{text}\0{negative}".encode(errors="replace")).hexdigest()
    row, created = SavedPrompt.objects.get_or_create(
        owner=owner, digest=digest, defaults={"text": text, "negative": negative}
    )
    if created:
        trim(owner)
    else:
        SavedPrompt.objects.filter(pk=row.pk).update(uses=F("uses") + 1, used_at=timezone.now())
    return row


def record_job(job, asked):
    """Note the words that a job was asked for with (the arguments of submit_job); an enlargement has none."""
    if job.kind == Job.Kind.UPSCALE:
        return None
    text = asked.get("prompt_asked") or asked["prompt"]
    return record(owner=job.owner, text=text, negative=asked.get("negative_prompt"))


def trim(owner):
    """Forget the oldest prompts beyond MOST_KEPT; what is starred stays."""
    plain = SavedPrompt.objects.filter(owner=owner, is_favourite=False)
    if plain.count() > MOST_KEPT + SLACK:
        kept = list(plain.order_by("-used_at", "-pk").values_list("pk", flat=True)[:MOST_KEPT])
        plain.exclude(pk__in=kept).delete()


def of(user, words="", only_favourites=False):
    """`user`'s prompts, the last used first; `words` are looked for in both texts."""
    found = SavedPrompt.objects.filter(owner=user)
    if only_favourites:
        found = found.filter(is_favourite=True)
    for word in words.replace("\x00", "")[:100].split():
        found = found.filter(Q(text__icontains=word) | Q(negative__icontains=word))
    return found


def star(prompt, is_favourite):
    """Set or take off the star. The time of use stays, and with it the place in the list."""
    SavedPrompt.objects.filter(pk=prompt.pk).update(is_favourite=is_favourite)
    prompt.is_favourite = is_favourite
    return prompt


def clear(user):
    """Forget all prompts of `user` but the starred ones; returns how many."""
    return SavedPrompt.objects.filter(owner=user, is_favourite=False).delete()[0]
