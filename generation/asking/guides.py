"""What a ControlNet would read of a guide picture, shown before anything is drawn.

Preprocessing is heavy work and belongs to the small-jobs worker: here it is asked for and looked up. What was drawn is
kept in the cache under the content it was made of, so that the same picture is never drawn twice, whoever asks.
"""

import django_rq
from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from redis.exceptions import RedisError

from generation import limits
from visionary.common import limits as often
from visionary.common.exceptions import DomainError

KEEP_SECONDS = 24 * 3600
# Whoever asks again while it is being drawn only waits; a ticket that was lost may be issued again after this.
ASKED_SECONDS = 60
PER_USER = {"most": 60, "seconds": 60}
DRAWING, DONE, FAILED = "drawing", "done", "failed"
AWAY = gettext_noop("The preview cannot be drawn just now. Try again in a moment.")


def key(source, preprocessor):
    return f"generation:guide:{source.sha256}:{preprocessor}"


def check(preprocessor):
    """Raise BadValue unless there is such a preprocessor that changes a picture."""
    if preprocessor not in limits.PREPROCESSORS or preprocessor == "none":
        raise limits.BadValue(_("Preprocessor: choose one of the list."), field="preprocessor")


def ask(*, source, preprocessor):
    """Have the guide of `source` drawn unless it is there, and return what `look` does. Raises DomainError."""
    check(preprocessor)
    found = look(source, preprocessor)
    if found["state"] == DONE:
        return found
    often.count("guide", str(source.owner_id), **PER_USER)
    # What failed is tried again: the weights may have come since.
    cache.delete(key(source, preprocessor))
    if cache.add(f"{key(source, preprocessor)}:asked", 1, ASKED_SECONDS):
        issue(source, preprocessor)
    return {"state": DRAWING, "message": ""}


def issue(source, preprocessor):
    try:
        queue = django_rq.get_queue("small")
        queue.enqueue("generation.rendering.guides.draw", str(source.pk), preprocessor, result_ttl=0, failure_ttl=3600)
    except RedisError as error:
        cache.delete(f"{key(source, preprocessor)}:asked")
        raise DomainError(_(AWAY), code="unavailable", status=503, retry_after=5) from error


def look(source, preprocessor):
    """{"state", "message"} of a guide; `message` says why it failed, in the reader's language. Raises BadValue."""
    check(preprocessor)
    kept = cache.get(key(source, preprocessor))
    if kept is None:
        return {"state": DRAWING, "message": ""}
    if kept["state"] == DONE:
        return {"state": DONE, "message": ""}
    return {"state": FAILED, "message": _(kept["template"]) % kept["params"]}


def image(source, preprocessor):
    """The WebP, or None while there is none."""
    kept = cache.get(key(source, preprocessor))
    return kept["image"] if kept and kept["state"] == DONE else None


def keep(source, preprocessor, **found):
    """What the worker has to say: state and image (bytes), or state, template and params."""
    cache.set(key(source, preprocessor), found, KEEP_SECONDS)
    cache.delete(f"{key(source, preprocessor)}:asked")
