"""Comments as a reader sees them: a page of threads with their answers, in a fixed number of queries."""

from django.db.models import Exists, OuterRef, Prefetch, Q

from social import commenting, paging
from social.models import Comment

SIZE = 15


class Thread:
    """One comment for one reader: what it shows, and what they may do with it."""

    def __init__(self, comment, user, answers=(), parent=None):
        self.comment, self.parent = comment, parent
        self.answers = [Thread(answer, user, parent=comment.pk) for answer in answers]
        self.is_own = user.is_authenticated and comment.author_id == user.pk
        self.may_hide = commenting.may_hide(comment, user) and not comment.deleted_at
        self.may_edit = user.is_authenticated and comment.may_be_edited_by(user)
        # Hidden ones are still read by those who may show them again, and by whoever wrote them.
        self.is_readable = not comment.deleted_at and (not comment.is_hidden or self.is_own or self.may_hide)


def page(thing, user, cursor="", size=SIZE):
    """One Page of Threads on `thing` for `user`, newest first; answers in the order they were given. Four queries."""
    keys = commenting.key_of(thing)
    answers = Comment.objects.filter(deleted_at=None).select_related("author__profile").order_by("created_at", "pk")
    answers = answers.prefetch_related("author__groups")
    answered = Exists(Comment.objects.filter(parent=OuterRef("pk"), deleted_at=None))
    rows = Comment.objects.filter(Q(deleted_at=None) | answered, parent=None, **keys)
    rows = rows.select_related("author__profile").prefetch_related("author__groups", Prefetch("answers", answers))
    found = paging.page(rows, "created_at", cursor, size)
    for comment in found.rows:
        know(comment, thing)
        for answer in comment.answers.all():
            know(answer, thing)
    found.threads = [Thread(comment, user, comment.answers.all()) for comment in found.rows]
    return found


def know(comment, thing):
    """Spare a query: whose thing it is decides what may be done."""
    for name, value in commenting.key_of(thing).items():
        setattr(comment, name, value)
