"""The hub: ModelCard > ModelVersion > ModelFile, and the samples that show what a version can draw."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class ModelCardQuerySet(models.QuerySet):
    def published(self):
        return self.filter(status=ModelCard.Status.PUBLISHED)

    def visible_to(self, user):
        if user.is_authenticated and user.is_staff:
            return self.all()
        mine = models.Q(owner=user) if user.is_authenticated else models.Q(pk__in=[])
        return self.filter(models.Q(status=ModelCard.Status.PUBLISHED) | mine)

    def with_cover(self):
        return self.select_related("owner").prefetch_related("versions__samples")


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
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

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
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = ModelCardQuerySet.as_manager()

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["status", "kind", "-created_at"])]

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


class ModelVersionQuerySet(models.QuerySet):
    def published(self):
        return self.filter(card__status=ModelCard.Status.PUBLISHED)

    def checkpoints(self):
        return self.filter(card__kind=ModelCard.Kind.CHECKPOINT)

    def loras(self):
        return self.filter(card__kind=ModelCard.Kind.LORA)


class ModelVersion(models.Model):
    """One set of weights. Its `sha256` is its identity in recipes: the digest over its files' digests."""

    class Layout(models.TextChoices):
        DIFFUSERS = "diffusers", _("diffusers folder")
        SINGLE = "single", _("single file")

    card = models.ForeignKey(ModelCard, models.CASCADE, related_name="versions", verbose_name=_("model"))
    name = models.CharField(_("name"), max_length=50, default="1.0")
    notes = models.TextField(_("notes"), blank=True)
    layout = models.CharField(_("layout"), max_length=10, choices=Layout)
    # Below MODELS_DIR; a folder or one file.
    path = models.CharField(_("path"), max_length=300)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    size = models.PositiveBigIntegerField(_("size in bytes"))
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

    def __str__(self):
        return f"{self.card} {self.name}"

    @property
    def examples(self):
        """Example prompts in the reader's language."""
        language = "zh" if (get_language() or "").startswith("zh") else "en"
        return self.example_prompts.get(language) or self.example_prompts.get("en", [])

    @property
    def full_path(self):
        return settings.MODELS_DIR / self.path


class ModelFile(models.Model):
    """A file of a version, with the digest that the worker checks before it first loads it."""

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="files", verbose_name=_("version"))
    name = models.CharField(_("name"), max_length=200)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)

    class Meta:
        verbose_name = _("model file")
        verbose_name_plural = _("model files")
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="one_file_per_name")]
        ordering = ["name"]

    def __str__(self):
        return self.name


class ModelSample(models.Model):
    """A picture that shows what a version draws, with what made it."""

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="samples", verbose_name=_("version"))
    image = models.ImageField(_("picture"), upload_to="samples/", width_field="width", height_field="height")
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    prompt = models.CharField(_("prompt"), max_length=300)
    seed = models.BigIntegerField(_("seed"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("sample picture")
        verbose_name_plural = _("sample pictures")
        ordering = ["position", "id"]

    def __str__(self):
        return self.prompt
