"""The moderators' queue."""

from django.utils.translation import gettext_lazy as _

from models_hub.models.version import ModelVersion


class WaitingVersion(ModelVersion):
    """A version as the moderators' queue shows it; the same rows."""

    class Meta:
        proxy = True
        verbose_name = _("waiting model")
        verbose_name_plural = _("waiting models")
        ordering = ["created_at", "id"]
