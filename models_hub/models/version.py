"""A set of weights of a model."""

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from models_hub.models.card import ModelCard


class ModelVersionQuerySet(models.QuerySet):
    def published(self):
        """Versions that new jobs may use."""
        return self.filter(
            status=ModelVersion.Status.PUBLISHED, card__status=ModelCard.Status.PUBLISHED, card__deleted_at=None
        )

    def visible_to(self, user):
        """Published versions of visible cards; owner and staff see the others too."""
        if user.is_authenticated and user.is_staff:
            return self.filter(card__deleted_at=None)
        shown = models.Q(status=ModelVersion.Status.PUBLISHED, card__status=ModelCard.Status.PUBLISHED)
        mine = models.Q(card__owner=user) if user.is_authenticated else models.Q(pk__in=[])
        return self.filter(shown | mine, card__deleted_at=None)

    def checkpoints(self):
        return self.filter(card__kind=ModelCard.Kind.CHECKPOINT)

    def loras(self):
        return self.filter(card__kind=ModelCard.Kind.LORA)


class ModelVersion(models.Model):
    """One set of weights. Its `sha256` is its identity in recipes: the digest over its files' digests.

    A version begins as a draft without weights: `path`, `layout` are empty and `sha256` is None until its files have
    been inspected.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        INSPECTING = "inspecting", _("Under inspection")
        READY = "ready", _("Ready to publish")
        WAITING = "waiting", _("Waiting for a moderator")
        PUBLISHED = "published", _("Published")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Layout(models.TextChoices):
        DIFFUSERS = "diffusers", _("diffusers folder")
        SINGLE = "single", _("single file")

    card = models.ForeignKey(ModelCard, models.CASCADE, related_name="versions", verbose_name=_("model"))
    name = models.CharField(_("name"), max_length=50, default="1.0")
    notes = models.TextField(_("notes"), blank=True)
    layout = models.CharField(_("layout"), max_length=10, choices=Layout, blank=True)
    # Below MODELS_DIR; a folder or one file.
    path = models.CharField(_("path"), max_length=300, blank=True)
    # Not unique: two people may publish the same weights; they are stored once.
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True, null=True, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PUBLISHED)
    # What a moderator says on rejecting or withdrawing; the owner reads it.
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    # A moderator rejected or withdrew it: only a moderator brings it back.
    taken_down = models.BooleanField(_("taken down by a moderator"), default=False, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    login_to_download = models.BooleanField(_("only members may download"), default=False)
    downloads = models.PositiveIntegerField(_("downloads"), default=0, editable=False)
    uses = models.PositiveIntegerField(_("uses"), default=0, editable=False)
    trigger_words = models.JSONField(_("trigger words"), default=list, blank=True)
    # {"width", "height", "steps", "guidance", "sampler", "weight"}: what the form starts from.
    settings = models.JSONField(_("recommended settings"), default=dict, blank=True)
    # {"en": [...], "zh": [...]}
    example_prompts = models.JSONField(_("example prompts"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["status", "-created_at"], name="versions_by_state")]

    def __str__(self):
        return f"{self.card} {self.name}"

    @property
    def examples(self):
        """Example prompts in the reader's language."""
        language = "zh" if (get_language() or "").startswith("zh") else "en"
        return self.example_prompts.get(language) or self.example_prompts.get("en", [])

    @property
    def is_published(self):
        """Whether new jobs may use it; the same rule as ModelVersionQuerySet.published."""
        card = self.card
        shown = self.status == self.Status.PUBLISHED and card.status == ModelCard.Status.PUBLISHED
        return shown and card.deleted_at is None

    @property
    def full_path(self):
        return settings.MODELS_DIR / self.path
