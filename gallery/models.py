"""Pictures and the recipes that made them."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from models_hub.models import ModelCard, ModelVersion
from visionary.common.addresses import of_row

PREVIEW_WIDTHS = (256, 512)


WALL_FIELDS = (
    *("title", "file", "width", "height", "placeholder", "preview_widths", "visibility", "is_hidden", "likes"),
    *("created_at", "published_at", "deleted_at", "owner__username", "recipe__picture_id", "recipe__prompt"),
)


class PictureQuerySet(models.QuerySet):
    def published(self):
        # `=False` would become `NOT is_hidden`, which no index serves: 50 ms instead of 6 at 10,000 pictures.
        return self.filter(visibility=Picture.Visibility.PUBLIC, is_hidden__in=[False], deleted_at=None)

    def for_owner_with_trash(self, user):
        return self.filter(owner=user, is_blocked=False)

    def for_owner(self, user):
        return self.filter(owner=user, deleted_at=None, is_blocked=False)

    def visible_to(self, user):
        """Pictures whose own page `user` may open: unlisted ones included, for those who have the link."""
        alive = self.filter(deleted_at=None)
        if user.is_authenticated and user.is_staff:
            return alive
        alive = alive.filter(is_blocked=False)
        shown = models.Q(visibility__in=[Picture.Visibility.PUBLIC, Picture.Visibility.UNLISTED], is_hidden=False)
        return alive.filter(shown | models.Q(owner=user)) if user.is_authenticated else alive.filter(shown)

    def for_wall(self):
        """Only what a tile shows: whole recipes, users and models would be half of a page's time."""
        return self.select_related("owner", "recipe").only(*WALL_FIELDS)

    def with_details(self):
        return self.select_related("owner__profile", "recipe__version__card")


class Picture(models.Model):
    """A picture on the site. The file is never changed once written; small previews of it are made beside it."""

    class Visibility(models.TextChoices):
        PRIVATE = "private", _("Only me")
        UNLISTED = "unlisted", _("Anyone with the link")
        PUBLIC = "public", _("Everyone, in the gallery")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="pictures", verbose_name=_("owner")
    )
    # The recipe's model once more: a feed of one model would else read all pictures to find a rare one's.
    card = models.ForeignKey(
        ModelCard,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="pictures",
        verbose_name=_("model"),
        editable=False,
    )
    title = models.CharField(_("title"), max_length=120, blank=True)
    file = models.CharField(_("file"), max_length=120, editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, editable=False, db_index=True)
    size = models.PositiveIntegerField(_("size in bytes"), editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    # A data: address of a few hundred bytes, shown blurred until the preview has come.
    placeholder = models.CharField(max_length=1000, blank=True, editable=False)
    preview_widths = models.JSONField(default=list, editable=False)
    visibility = models.CharField(_("who can see it"), max_length=10, choices=Visibility, default=Visibility.PRIVATE)
    is_hidden = models.BooleanField(_("hidden by a moderator"), default=False)
    # By the output check: nobody but the staff sees it, not even its owner.
    is_blocked = models.BooleanField(_("blocked"), default=False, editable=False)
    may_be_reused = models.BooleanField(
        _("others may start from it"), default=True, help_text=_("As the source of their own pictures")
    )
    likes = models.PositiveIntegerField(_("likes"), default=0, editable=False)
    # Kept equal to the standing rows by social.commenting.
    comments = models.PositiveIntegerField(_("comments"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)

    objects = PictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["visibility", "is_hidden", "deleted_at", "-published_at", "-id"], name="picture_feed"),
            models.Index(fields=["visibility", "is_hidden", "deleted_at", "-likes", "-id"], name="picture_liked"),
            models.Index(fields=["owner", "deleted_at", "-created_at", "-id"], name="picture_mine"),
            *(
                models.Index(fields=[one, "visibility", "is_hidden", "deleted_at", f"-{order}", "-id"], name=name)
                for one, order, name in (
                    ("owner", "published_at", "picture_by"),
                    ("owner", "likes", "picture_by_liked"),
                    ("card", "published_at", "picture_with"),
                    ("card", "likes", "picture_with_liked"),
                )
            ),
        ]

    def __str__(self):
        return self.title or str(self.pk)

    def get_absolute_url(self):
        return of_row("gallery:picture", self.pk)

    @property
    def is_shown_to_owner(self):
        return not self.deleted_at and not self.is_blocked

    @property
    def path(self):
        return settings.MEDIA_ROOT / self.file

    def preview_path(self, width):
        return self.path.with_suffix(f".{width}.webp")

    def preview_url(self, width):
        """The address of the preview `width` pixels wide; the original's while previews are being made."""
        if width in self.preview_widths:
            return of_row("gallery:preview", self.pk, width)
        return self.file_url

    @property
    def small_url(self):
        return self.preview_url(PREVIEW_WIDTHS[0])

    @property
    def medium_url(self):
        return self.preview_url(PREVIEW_WIDTHS[1])

    @property
    def file_url(self):
        return of_row("gallery:file", self.pk)

    @property
    def alt(self):
        """What a reader who cannot see the picture is told."""
        return self.title or (self.recipe.prompt if hasattr(self, "recipe") else "")


class Recipe(models.Model):
    """Everything needed to make a picture again."""

    picture = models.OneToOneField(Picture, models.CASCADE, related_name="recipe", verbose_name=_("picture"))
    version = models.ForeignKey(
        ModelVersion, models.SET_NULL, null=True, related_name="recipes", verbose_name=_("model")
    )
    # Kept beside the key: a recipe outlives its model.
    model_name = models.CharField(_("model name"), max_length=160)
    model_sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    prompt = models.TextField(_("prompt"))
    negative_prompt = models.TextField(_("negative prompt"), blank=True)
    # What the site put before the user's words when this picture was made.
    prefix = models.CharField(_("prompt prefix"), max_length=300, blank=True)
    negative_prefix = models.CharField(_("negative prompt prefix"), max_length=300, blank=True)
    seed = models.PositiveBigIntegerField(_("seed"))
    steps = models.PositiveSmallIntegerField(_("steps"))
    guidance = models.FloatField(_("guidance"))
    # The name people and other tools know it by, such as "DPM++ 2M Karras".
    sampler = models.CharField(_("sampler"), max_length=40)
    # What the model drew, before the enlargement by `upscale`.
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    upscale = models.PositiveSmallIntegerField(_("enlargement"), default=1)
    # "txt2img", "img2img", "inpaint", "outpaint", "upscale"
    kind = models.CharField(_("kind"), max_length=10, default="txt2img")
    strength = models.FloatField(_("strength"), null=True, blank=True)
    clip_skip = models.PositiveSmallIntegerField(_("clip skip"), default=1)
    # As typed, where wildcards and choices have been resolved in `prompt`.
    prompt_asked = models.TextField(_("prompt as typed"), blank=True)
    # [{"role": "vae" | "embedding" | "control", "name", "sha256", "weight", "preprocessor"}]
    resources = models.JSONField(_("resources"), default=list, blank=True)
    # [{"name", "sha256", "weight", "version_id"}]
    loras = models.JSONField("LoRA", default=list, blank=True)
    # Sampler configuration, dtype, device, library versions, batch place.
    facts = models.JSONField(_("facts"), default=dict, blank=True)

    class Meta:
        verbose_name = _("recipe")
        verbose_name_plural = _("recipes")

    def __str__(self):
        return self.prompt[:60]


class Use(models.Model):
    """That a picture was made with a version, or with a file that is not on the site (then `version` is empty).

    The recipe says the same in words; this is what a model's page asks (gallery.uses keeps the two equal).
    """

    picture = models.ForeignKey(Picture, models.CASCADE, related_name="uses", verbose_name=_("picture"))
    version = models.ForeignKey(
        ModelVersion, models.SET_NULL, null=True, related_name="pictures_made", verbose_name=_("model version")
    )
    # As the recipe names it: SHA-256, or one of the shorter hashes that other programs write.
    sha256 = models.CharField(_("hash"), max_length=64, db_index=True)
    # "model", "lora", "vae", "embedding", "control"
    role = models.CharField(_("used as"), max_length=10)

    class Meta:
        verbose_name = _("use of a model")
        verbose_name_plural = _("uses of models")
        constraints = [models.UniqueConstraint(fields=["picture", "sha256"], name="one_use_each")]
        indexes = [models.Index(fields=["version", "picture"], name="pictures_made_with")]

    def __str__(self):
        return f"{self.picture_id}: {self.role} {self.sha256[:10]}"


class Derivation(models.Model):
    """That one picture was made from another. Kept when the source is gone: then `source` is empty."""

    class Role(models.TextChoices):
        REMIX = "remix", _("Remix")
        SOURCE = "source", _("Made from")
        VARIATION = "variation", _("Variation")
        GUIDE = "guide", _("Guided by")

    picture = models.ForeignKey(Picture, models.CASCADE, related_name="derived_from", verbose_name=_("picture"))
    source = models.ForeignKey(
        Picture, models.SET_NULL, null=True, related_name="derivations", verbose_name=_("source")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("derivation")
        verbose_name_plural = _("derivations")
        constraints = [models.UniqueConstraint(fields=["picture", "source", "role"], name="one_derivation_each")]
        indexes = [models.Index(fields=["source", "-created_at", "-id"], name="derivation_of")]

    def __str__(self):
        return f"{self.picture_id} {self.role} {self.source_id}"


class Verdict(models.Model):
    """What the output check thought of a picture before anybody saw it."""

    class Decision(models.TextChoices):
        CLEAN = "clean", _("Clean")
        REVIEW = "review", _("For a moderator")
        BLOCKED = "blocked", _("Blocked")

    picture = models.OneToOneField(Picture, models.CASCADE, related_name="verdict", verbose_name=_("picture"))
    decision = models.CharField(_("decision"), max_length=10, choices=Decision)
    # {"detector": score from 0 to 1}
    scores = models.JSONField(_("scores"), default=dict)
    # "", "blank", "one_colour", "noise": why a first attempt was drawn again.
    defect = models.CharField(_("defect"), max_length=20, blank=True)
    was_drawn_again = models.BooleanField(_("drawn again"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        indexes = [models.Index(fields=["decision", "-created_at"], name="verdict_queue")]

    def __str__(self):
        return f"{self.picture_id}: {self.decision}"
