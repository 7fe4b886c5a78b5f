"""Pictures that show what a version draws."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from models_hub.models.version import ModelVersion


class SeenSamples(models.Manager):
    """What readers get: `version.samples` and every list of samples go through here."""

    def get_queryset(self):
        return super().get_queryset().filter(is_waiting=False)


class ModelSample(models.Model):
    """A picture that shows what a version draws, with what made it.

    One that comes to a version after that was approved waits for a moderator: only `everything` has it.
    """

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="samples", verbose_name=_("version"))
    image = models.ImageField(_("picture"), upload_to="samples/", width_field="width", height_field="height")
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    prompt = models.CharField(_("prompt"), max_length=300, blank=True)
    # None: the picture does not say.
    seed = models.BigIntegerField(_("seed"), null=True, blank=True)
    # What else the picture's file said of its making, as models_hub.wizard.parameters reads it.
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    is_waiting = models.BooleanField(_("Waiting for a moderator"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = SeenSamples()
    everything = models.Manager()  # noqa: DJ012 - a manager, too

    class Meta:
        verbose_name = _("sample picture")
        verbose_name_plural = _("sample pictures")
        ordering = ["position", "id"]

    def __str__(self):
        return self.prompt
