"""What people say of a version and take from it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from models_hub.models.file import ModelFile
from models_hub.models.version import ModelVersion


class Review(models.Model):
    """One user's word on one version: recommended or not, and why."""

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="reviews", verbose_name=_("version"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reviews", verbose_name=_("user"))
    recommends = models.BooleanField(_("recommends it"))
    text = models.TextField(_("text"), max_length=2000, blank=True)
    is_hidden = models.BooleanField(_("hidden by a moderator"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="one_review_each")]

    def __str__(self):
        return f"{self.user}: {self.version}"


class Download(models.Model):
    """A user took a file; what "my downloads" lists. Guests' downloads are only counted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="downloads", verbose_name=_("user"))
    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="downloads_made", verbose_name=_("version"))
    file = models.ForeignKey(ModelFile, models.SET_NULL, null=True, related_name="+", verbose_name=_("file"))
    # The last time; taking a file again moves it up instead of adding a row.
    at = models.DateTimeField(_("downloaded"), db_index=True)

    class Meta:
        verbose_name = _("download")
        verbose_name_plural = _("downloads")
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["user", "version", "file"], name="one_download_row_each")]

    def __str__(self):
        return f"{self.user}: {self.version}"
