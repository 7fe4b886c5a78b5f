"""Comments: written, edited, deleted, hidden. A thing's counter equals the number of its standing comments."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import sanctions
from gallery.models import Picture
from safety import services as safety
from social.models import Comment
from social.models.comment import EDIT_WINDOW, MAX_TEXT
from visionary.common import limits
from visionary.common.exceptions import DomainError

PER_MINUTE = {"most": 6, "seconds": 60}
PER_HOUR = {"most": 60, "seconds": 3600}
# What one page shows at most below one comment.
MOST_ANSWERS = 100


class NotYours(DomainError):
    code = "not_yours"
    status = 403


@transaction.atomic
def write(*, thing, by, text, parent=None):
    """`by` says `text` to `thing` (a picture or a model they may see), or answers `parent` there; returns the Comment.

    Raises DomainError for text that is empty, too long or has forbidden words, for whoever is muted or banned, for a
    `parent` that cannot be answered; TooMany.
    """
    sanctions.refuse_if_muted(by)
    text = checked(text)
    for window in (PER_MINUTE, PER_HOUR):
        limits.count(f"comment-{window['seconds']}", str(by.pk), **window)
    lock(thing)
    keys = key_of(thing)
    if parent is not None:
        parent = answerable(parent, keys)
    comment = Comment.objects.create(author=by, parent=parent, text=text, **keys)
    count(comment, +1)
    return comment


def checked(text):
    """The text as it is kept. Raises DomainError."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise DomainError(_("Comment: write something first."), code="required", field="text")
    if len(text) > MAX_TEXT:
        raise DomainError(_("Comment: use at most %(most)d characters.") % {"most": MAX_TEXT}, field="text")
    safety.check_prompt(text, field="text")
    return text


def key_of(thing):
    return {"picture": thing} if isinstance(thing, Picture) else {"card": thing}


def answerable(parent, keys):
    """The first comment of `parent`'s thread. Raises DomainError when it is elsewhere, gone or answered enough."""
    first = parent.parent or parent
    if not Comment.objects.standing().filter(pk=first.pk, **keys).exists():
        raise gone()
    if first.answers.count() >= MOST_ANSWERS:
        raise DomainError(_("This thread is full. Begin another one."), code="full", status=409)
    return first


def gone():
    return DomainError(_("The comment that you answer is gone."), code="gone", status=404, field="parent")


@transaction.atomic
def edit(*, comment, by, text):
    """Change one's own comment within EDIT_WINDOW. Raises NotYours, and as `write` does."""
    sanctions.refuse_if_muted(by)
    if comment.author_id != by.pk:
        raise NotYours(_("This is somebody else's comment."))
    if not comment.may_be_edited_by(by):
        minutes = {"minutes": EDIT_WINDOW.seconds // 60}
        raise DomainError(_("A comment can be changed for %(minutes)d minutes.") % minutes, code="too_late", status=409)
    text = checked(text)
    Comment.objects.filter(pk=comment.pk).update(text=text, edited_at=timezone.now())
    comment.refresh_from_db(fields=["text", "edited_at"])
    return comment


@transaction.atomic
def delete(*, comment, by):
    """Take one's own comment back. Its row stays, empty, while there are answers. Raises NotYours."""
    if comment.author_id != by.pk:
        raise NotYours(_("This is somebody else's comment."))
    lock(comment.thing)
    standing = Comment.objects.select_for_update().filter(pk=comment.pk, deleted_at=None).first()
    if standing is None:
        return
    count(standing, 0 if standing.is_hidden else -1)
    if standing.answers.exists():
        Comment.objects.filter(pk=comment.pk).update(text="", deleted_at=timezone.now())
    else:
        standing.delete()
        drop_empty(standing.parent)


def drop_empty(parent):
    """A deleted comment whose last answer went goes as well."""
    if parent is not None and parent.deleted_at and not parent.answers.exists():
        parent.delete()


def hide(*, comment, by):
    """Hide a comment from all but its author, the thing's owner and moderators. Raises NotYours."""
    set_hidden(comment, by, hidden=True)


def unhide(*, comment, by):
    """Undo `hide`; what a moderator hid, only a moderator shows again. Raises NotYours."""
    if comment.hidden_by_id not in {None, by.pk} and not is_moderator(by):
        raise NotYours(_("A moderator has hidden this comment."))
    set_hidden(comment, by, hidden=False)


@transaction.atomic
def set_hidden(comment, by, *, hidden):
    if not may_hide(comment, by):
        raise NotYours(_("Only the owner and moderators may hide comments here."))
    lock(comment.thing)
    changed = Comment.objects.filter(pk=comment.pk, is_hidden=not hidden).update(
        is_hidden=hidden, hidden_by=by if hidden else None
    )
    comment.refresh_from_db()
    if changed and comment.deleted_at is None:
        count(comment, -1 if hidden else +1)


def may_hide(comment, user):
    return user.is_authenticated and (comment.thing.owner_id == user.pk or is_moderator(user))


def is_moderator(user):
    return user.has_perm("social.change_comment") and not user.is_banned


def lock(thing):
    """Before the rows that hang on it: see social.services.lock."""
    type(thing)._default_manager.select_for_update().get(pk=thing.pk)


def count(comment, change):
    thing = comment.thing
    type(thing)._default_manager.filter(pk=thing.pk).update(comments=F("comments") + change)
