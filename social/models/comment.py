"""What people say to a picture or a model."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gallery.models import Picture
from models_hub.models import ModelCard

MAX_TEXT = 2000
EDIT_WINDOW = timedelta(minutes=15)


class CommentQuerySet(models.QuerySet):
    def standing(self):
        """Neither deleted nor hidden: what the counters count."""
        return self.filter(deleted_at=None, is_hidden=False)

    def with_author(self):
        return self.select_related("author__profile", "picture", "card")


class Comment(models.Model):
    """A comment on one picture or one model, or an answer to such a comment: threads are one level deep.

    A deleted one keeps its row, without its text, while it has answers.
    """

    # Empty: the account was deleted.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="comments", verbose_name=_("author")
    )
    picture = models.ForeignKey(
        Picture, models.CASCADE, null=True, blank=True, related_name="comments_made", verbose_name=_("picture")
    )
    card = models.ForeignKey(
        ModelCard, models.CASCADE, null=True, blank=True, related_name="comments_made", verbose_name=_("model")
    )
    parent = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="answers", verbose_name=_("answers to")
    )
    text = models.TextField(_("text"), max_length=MAX_TEXT)
    # By the owner of the thing, or by a moderator.
    is_hidden = models.BooleanField(_("hidden"), default=False)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("hidden by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(picture=None, card__isnull=False) | Q(picture__isnull=False, card=None),
                name="comment_on_one_thing",
            )
        ]
        indexes = [
            models.Index(fields=["picture", "parent", "-created_at", "-id"], name="comments_on_picture"),
            models.Index(fields=["card", "parent", "-created_at", "-id"], name="comments_on_card"),
            models.Index(fields=["author", "-created_at"], name="comments_by"),
        ]

    def __str__(self):
        return self.text[:60]

    def get_absolute_url(self):
        return f"{self.thing.get_absolute_url()}#comment-{self.pk}"

    @property
    def thing(self):
        """The picture or the model that this is about."""
        return self.picture or self.card

    @property
    def is_standing(self):
        return self.deleted_at is None and not self.is_hidden

    def may_be_edited_by(self, user):
        return self.is_standing and user.pk == self.author_id and timezone.now() < self.created_at + EDIT_WINDOW
