"""The moderators' queue."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from models_hub.models.version import ModelVersion


class Waiting(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(status=ModelVersion.Status.WAITING, card__deleted_at=None)


class WaitingVersion(ModelVersion):
    """A version as the moderators' queue shows it; the same rows."""

    objects = Waiting()

    class Meta:
        proxy = True
        verbose_name = _("waiting model")
        verbose_name_plural = _("waiting models")
        ordering = ["created_at", "id"]
