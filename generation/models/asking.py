"""What helps people ask: presets, styles, the prompts they have used, wildcards."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Preset(models.Model):
    """A named form of one user. With a `share_token`, whoever has the link may load it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="presets", verbose_name=_("owner"))
    name = models.CharField(_("name"), max_length=60)
    # Field names of the generate form and their values.
    values = models.JSONField(_("values"), default=dict)
    share_token = models.CharField(max_length=32, null=True, blank=True, unique=True, editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_preset_per_name")]

    def __str__(self):
        return self.name


class StyleTemplate(models.Model):
    """Words around a prompt: `{prompt}` in the template is where the user's words go."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_zh = models.CharField(_("Chinese name"), max_length=60, blank=True)
    template = models.CharField(_("template"), max_length=500, help_text=_("{prompt} is replaced by the user's words"))
    negative = models.CharField(_("negative prompt"), max_length=500, blank=True)
    is_active = models.BooleanField(_("offered"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("style")
        verbose_name_plural = _("styles")
        ordering = ["position", "name"]

    def __str__(self):
        return self.name

    @property
    def title(self):
        """The name in the reader's language."""
        return self.name_zh if self.name_zh and (get_language() or "").startswith("zh") else self.name


class SavedPrompt(models.Model):
    """A prompt that a user has used, once per wording."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_prompts", verbose_name=_("owner")
    )
    text = models.TextField(_("prompt"))
    negative = models.TextField(_("negative prompt"), blank=True)
    digest = models.CharField(max_length=64, editable=False)
    is_favourite = models.BooleanField(_("favourite"), default=False)
    uses = models.PositiveIntegerField(_("uses"), default=1)
    used_at = models.DateTimeField(_("last used"), auto_now=True)

    class Meta:
        verbose_name = _("used prompt")
        verbose_name_plural = _("used prompts")
        ordering = ["-used_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["owner", "digest"], name="one_row_per_prompt")]
        indexes = [models.Index(fields=["owner", "is_favourite", "-used_at", "-id"], name="prompt_history")]

    def __str__(self):
        return self.text[:60]


class Wildcard(models.Model):
    """A list that `__name__` in a prompt draws from, one option a line."""

    name = models.CharField(
        _("name"), max_length=40, unique=True, validators=[RegexValidator(r"^[a-z0-9-]+$", _("Use a-z, 0-9 and -."))]
    )
    options = models.TextField(_("options"), help_text=_("One a line"))

    class Meta:
        verbose_name = _("wildcard")
        verbose_name_plural = _("wildcards")
        ordering = ["name"]

    def __str__(self):
        return f"__{self.name}__"

    @property
    def lines(self):
        return [line.strip() for line in self.options.splitlines() if line.strip()]
