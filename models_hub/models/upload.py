"""Uploads on their way in: tus resources in quarantine."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from models_hub.models.file import ModelFile
from models_hub.models.version import ModelVersion


class Upload(models.Model):
    """A file being sent in pieces. Its bytes lie in quarantine under `id` until it is whole or expires."""

    class State(models.TextChoices):
        RECEIVING = "receiving", _("Being sent")
        RECEIVED = "received", _("Received")
        FAILED = "failed", _("Refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="uploads", verbose_name=_("owner"))
    version = models.ForeignKey(
        ModelVersion, models.CASCADE, null=True, blank=True, related_name="uploads", verbose_name=_("version")
    )
    # The row that the finished upload became.
    file = models.ForeignKey(
        ModelFile, models.SET_NULL, null=True, blank=True, related_name="uploads", verbose_name=_("file")
    )
    # The file whose place this one takes when it is whole.
    replaces = models.ForeignKey(ModelFile, models.SET_NULL, null=True, blank=True, related_name="+")
    role = models.CharField(_("what it is"), max_length=10, choices=ModelFile.Role, default=ModelFile.Role.MODEL)
    name = models.CharField(_("name"), max_length=200)
    # Bytes: what was announced, and what has arrived and is on disk.
    length = models.PositiveBigIntegerField(_("size in bytes"))
    offset = models.PositiveBigIntegerField(_("bytes received"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVING)
    error_code = models.CharField(max_length=40, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    expires_at = models.DateTimeField(_("expires"), db_index=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["owner", "state"], name="uploads_of_owner")]

    def __str__(self):
        return self.name
