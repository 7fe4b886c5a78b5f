"""Archives of what is a user's own."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class ExportQuerySet(models.QuerySet):
    def under_way(self):
        return self.filter(state__in=[Export.State.QUEUED, Export.State.RUNNING])

    def ready(self):
        return self.filter(state=Export.State.DONE, expires_at__gt=timezone.now())


class Export(models.Model):
    """One archive of all that is a user's own, made by the small-jobs worker and kept for some days."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being packed")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="exports", verbose_name=_("user"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    # Percent, for the bar.
    progress = models.PositiveSmallIntegerField(_("progress"), default=0)
    # The ZIP's size in bytes, once it is ready.
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    # Shown to the owner of a failed one.
    failure = models.CharField(_("failure"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    # Also the worker's sign of life: one that has not been heard of for long is lost.
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True, editable=False)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("archive")
        verbose_name_plural = _("archives")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["user", "-created_at"], name="exports_of_user")]

    def __str__(self):
        return f"{self.user}: {self.get_state_display()}"

    @property
    def path(self):
        return settings.EXPORTS_DIR / f"{self.pk}.zip"

    @property
    def is_under_way(self):
        return self.state in {self.State.QUEUED, self.State.RUNNING}

    @property
    def is_ready(self):
        return self.state == self.State.DONE and self.expires_at > timezone.now()
