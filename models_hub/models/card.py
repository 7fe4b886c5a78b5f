"""A model as people know it, and the tags it is found by."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Tag(models.Model):
    """A word that models (and later pictures) are found by. `key` is its folded form: one tag per idea."""

    key = models.CharField(max_length=60, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=60)
    name_zh = models.CharField(_("Chinese name"), max_length=60, blank=True)
    models_count = models.PositiveIntegerField(_("models"), default=0, editable=False)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self):
        return self.name


class ModelCardQuerySet(models.QuerySet):
    def alive(self):
        return self.filter(deleted_at=None)

    def published(self):
        return self.filter(status=ModelCard.Status.PUBLISHED, deleted_at=None)

    def visible_to(self, user):
        """Cards whose page `user` may open. What is in the trash has no page."""
        alive = self.alive()
        if user.is_authenticated and user.is_staff:
            return alive
        mine = models.Q(owner=user) if user.is_authenticated else models.Q(pk__in=[])
        return alive.filter(models.Q(status=ModelCard.Status.PUBLISHED) | mine)

    def with_cover(self):
        """With what a card of a list shows; drafts and what was withdrawn stay unseen."""
        from models_hub.models.version import ModelVersion

        published = ModelVersion.objects.filter(status=ModelVersion.Status.PUBLISHED).prefetch_related("samples")
        return self.select_related("owner", "cover").prefetch_related(models.Prefetch("versions", published))


class ModelCard(models.Model):
    """A model as people know it: a name, a page, one or more versions."""

    class Kind(models.TextChoices):
        CHECKPOINT = "checkpoint", _("Checkpoint")
        LORA = "lora", _("LoRA")
        EMBEDDING = "embedding", _("Textual inversion")
        VAE = "vae", "VAE"
        CONTROLNET = "controlnet", "ControlNet"
        UPSCALER = "upscaler", _("Upscaler")

    class Status(models.TextChoices):
        """PUBLISHED while at least one version is; the others say why none is."""

        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Category(models.TextChoices):
        CHARACTER = "character", _("Character")
        STYLE = "style", _("Style")
        CONCEPT = "concept", _("Concept")
        CLOTHING = "clothing", _("Clothing")
        BACKGROUND = "background", _("Background")
        OBJECT = "object", _("Object")
        ANIMAL = "animal", _("Animal")
        TOOL = "tool", _("Tool")
        OTHER = "other", _("Other")

    class ContentLevel(models.IntegerChoices):
        GENERAL = 0, _("General")
        MATURE = 1, _("Mature")
        EXPLICIT = 2, _("Explicit")

    class CommercialUse(models.TextChoices):
        NONE = "none", _("No commercial use")
        PICTURES = "pictures", _("Pictures may be sold")
        SERVICES = "services", _("Pictures and services may be sold")
        ANY = "any", _("Everything, the weights too")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="models", verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=100)
    name_zh = models.CharField(_("Chinese name"), max_length=100, blank=True)
    slug = models.SlugField(_("slug"), max_length=100, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    family = models.CharField(_("family"), max_length=20, help_text=_("starter, sd1, sd2, sdxl ..."))
    description = models.TextField(_("description"), blank=True)
    description_zh = models.TextField(_("Chinese description"), blank=True)
    licence = models.CharField(_("licence"), max_length=100, blank=True)
    attribution = models.TextField(_("attribution"), blank=True)
    category = models.CharField(_("category"), max_length=12, choices=Category, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="cards", verbose_name=_("tags"))
    # The owner's answers to the wizard's questions on permissions and safety.
    credit_required = models.BooleanField(_("credit required"), default=True)
    commercial_use = models.CharField(
        _("commercial use"), max_length=10, choices=CommercialUse, default=CommercialUse.PICTURES
    )
    merges_allowed = models.BooleanField(_("merges allowed"), default=True)
    relicensing_allowed = models.BooleanField(_("other licence allowed"), default=False)
    shows_real_person = models.BooleanField(_("shows a real person"), default=False)
    content_level = models.PositiveSmallIntegerField(
        _("content level"), choices=ContentLevel, default=ContentLevel.GENERAL
    )
    # Chosen by the owner; without one the first sample of the newest published version is the cover.
    cover = models.ForeignKey(
        "ModelSample", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("cover")
    )
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    # What the owner or a moderator says on withdrawing; readers of the page see it.
    withdrawn_reason = models.CharField(_("reason for withdrawal"), max_length=500, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    # Lists sort by this: a new version brings a model up again.
    last_version_at = models.DateTimeField(_("newest version"), null=True, blank=True, editable=False)
    # In the trash since; purged 30 days later.
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    # Counters, kept equal to their rows by the services that write those.
    likes = models.PositiveIntegerField(_("likes"), default=0, editable=False)
    downloads = models.PositiveIntegerField(_("downloads"), default=0, editable=False)
    uses = models.PositiveIntegerField(_("uses"), default=0, editable=False)
    comments = models.PositiveIntegerField(_("comments"), default=0, editable=False)
    reviews_count = models.PositiveIntegerField(_("reviews"), default=0, editable=False)
    recommended_count = models.PositiveIntegerField(_("recommendations"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = ModelCardQuerySet.as_manager()

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["status", "kind", "-created_at"]),
            models.Index(fields=["status", "-last_version_at", "-id"], name="hub_newest"),
            models.Index(fields=["status", "-likes", "-id"], name="hub_most_liked"),
            models.Index(fields=["status", "-downloads", "-id"], name="hub_most_downloaded"),
            models.Index(fields=["status", "-uses", "-id"], name="hub_most_used"),
            models.Index(fields=["owner", "status"], name="hub_of_owner"),
            models.Index(fields=["status", "content_level"], name="hub_of_level"),
            models.Index(fields=["status", "name", "id"], name="hub_by_name"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("models_hub:model", args=[self.slug])

    @property
    def title(self):
        """The name in the reader's language."""
        return self.name_zh if self.name_zh and (get_language() or "").startswith("zh") else self.name

    @property
    def text(self):
        """The description in the reader's language."""
        return (
            self.description_zh if self.description_zh and (get_language() or "").startswith("zh") else self.description
        )
