"""Grids: one request with two settings varied, each cell a job."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class JobGroup(models.Model):
    """An X/Y grid. Its cells are jobs; `Job.cell_x` and `cell_y` are places in the axes' values."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="grids", verbose_name=_("owner"))
    title = models.CharField(_("title"), max_length=120, blank=True)
    # {"name": "steps", "values": [10, 20], "labels": ["10", "20"]}; y may be empty for a single row.
    x_axis = models.JSONField(_("columns"), default=dict)
    y_axis = models.JSONField(_("rows"), default=dict, blank=True)
    idempotency_key = models.CharField(max_length=100, null=True, blank=True, editable=False)
    request_digest = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    # True on a grid that an earlier request with the same idempotency key had made.
    replayed = False

    class Meta:
        verbose_name = _("grid")
        verbose_name_plural = _("grids")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["owner", "-created_at", "-id"], name="grid_mine")]
        constraints = [models.UniqueConstraint(fields=["owner", "idempotency_key"], name="one_grid_per_key")]

    def __str__(self):
        return self.title or str(self.pk)

    def get_absolute_url(self):
        return reverse("generation:grid", args=[self.pk])
