"""Pictures that jobs start from: uploads, masks, and copies of pictures of the site."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from gallery.models import Picture
from visionary.common.addresses import of_row


class SourceQuerySet(models.QuerySet):
    def for_user(self, user):
        """The sources of `user`, but for copies of pictures that the site has taken away since."""
        shown = models.Q(picture__is_hidden=False) | models.Q(picture__owner=user)
        return self.filter(models.Q(picture=None) | models.Q(picture__is_blocked=False) & shown, owner=user)


class Source(models.Model):
    """A decoded and re-encoded PNG that its owner's jobs read; nobody else ever sees it."""

    class Role(models.TextChoices):
        SOURCE = "source", _("Source")
        MASK = "mask", _("Mask")
        GUIDE = "guide", _("Guide picture")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sources", verbose_name=_("owner"))
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.SOURCE)
    # The picture of the site that it is a copy of, for lineage; empty for uploads.
    picture = models.ForeignKey(
        Picture, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )
    file = models.CharField(_("file"), max_length=120, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, editable=False)
    size = models.PositiveIntegerField(_("size in bytes"), editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    # Renewed at every use: what no job has used for a while is cleared away.
    used_at = models.DateTimeField(_("last used"), auto_now_add=True, db_index=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("source picture")
        verbose_name_plural = _("source pictures")
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["owner", "role", "sha256"], name="one_source_per_content")]
        indexes = [models.Index(fields=["owner", "role", "-used_at"], name="source_mine")]

    def __str__(self):
        return str(self.pk)

    def get_absolute_url(self):
        return of_row("generation:source-file", self.pk)

    @property
    def path(self):
        return settings.MEDIA_ROOT / self.file
