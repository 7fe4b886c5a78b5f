"""Who reads whom."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class FollowQuerySet(models.QuerySet):
    def of_open_accounts(self):
        """Rows whose both people are there: a closed account is in nobody's list."""
        return self.filter(follower__is_active=True, followed__is_active=True)


class Follow(models.Model):
    """One user wants to see what another publishes."""

    follower = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows", verbose_name=_("follower")
    )
    followed = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="followed_by", verbose_name=_("followed")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = FollowQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow")
        verbose_name_plural = _("follows")
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="one_follow_each"),
            models.CheckConstraint(condition=~Q(follower=F("followed")), name="nobody_follows_themselves"),
        ]
        indexes = [
            models.Index(fields=["followed", "-created_at", "-id"], name="followers_of"),
            models.Index(fields=["follower", "-created_at", "-id"], name="followed_by"),
        ]

    def __str__(self):
        return f"{self.follower} → {self.followed}"
