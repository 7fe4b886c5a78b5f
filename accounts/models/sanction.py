"""Bans and mutes, as history."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SanctionQuerySet(models.QuerySet):
    def running(self):
        now = timezone.now()
        return self.filter(Q(until=None) | Q(until__gt=now), lifted_at=None, since__lte=now)


class Sanction(models.Model):
    """A ban or a mute of a user. Never deleted: lifting it is recorded on the same row."""

    class Kind(models.TextChoices):
        BAN = "ban", _("Ban")
        MUTE = "mute", _("Mute")

    # Empty once the account was deleted: that there was a sanction stays on record, whose it was does not.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="sanctions", verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=4, choices=Kind)
    reason = models.CharField(_("reason, which the user reads"), max_length=500)
    note = models.TextField(_("note for moderators"), blank=True)
    since = models.DateTimeField(_("since"), default=timezone.now)
    until = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: until it is lifted."))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("issued by")
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True, editable=False)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("lifted by")
    )
    lift_reason = models.CharField(_("why it was lifted"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = SanctionQuerySet.as_manager()

    class Meta:
        verbose_name = _("sanction")
        verbose_name_plural = _("sanctions")
        ordering = ["-since", "-id"]
        indexes = [models.Index(fields=["user", "kind", "lifted_at"], name="sanctions_of_user")]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.user}"
