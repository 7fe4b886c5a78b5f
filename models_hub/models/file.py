"""The files of a version and what is known of their content."""

import re

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from models_hub.models.version import ModelVersion

# Below MODELS_DIR files lie under their SHA-256, below QUARANTINE_DIR under their upload's id.
STORED = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}/")


class ModelFile(models.Model):
    """A file of a version, with the digest that the worker checks before it first loads it."""

    class Role(models.TextChoices):
        MODEL = "model", _("Model")
        VAE = "vae", "VAE"
        CONFIG = "config", _("Configuration")
        TRAINING = "training", _("Training data")
        OTHER = "other", _("Other")

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for inspection")
        CLEAN = "clean", _("Clean")
        QUESTION = "question", _("A question to the owner")
        REFUSED = "refused", _("Refused")

    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="files", verbose_name=_("version"))
    name = models.CharField(_("name"), max_length=200)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    role = models.CharField(_("what it is"), max_length=10, choices=Role, default=Role.MODEL)
    state = models.CharField(_("inspection"), max_length=10, choices=State, default=State.CLEAN)
    precision = models.CharField(_("precision"), max_length=12, blank=True)
    # What inspection read: kind, family, rank, training facts ... as plain JSON.
    facts = models.JSONField(_("facts"), default=dict, blank=True)
    # Below QUARANTINE_DIR until published, below MODELS_DIR after; empty for files inside the version's folder.
    path = models.CharField(_("path"), max_length=300, blank=True, editable=False)
    inspected_at = models.DateTimeField(_("inspected"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("model file")
        verbose_name_plural = _("model files")
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="one_file_per_name")]
        ordering = ["name"]

    def __str__(self):
        return self.name

    @property
    def is_stored(self):
        """Whether its bytes lie where published ones do, and no longer in quarantine."""
        return not self.path or bool(STORED.match(self.path))

    @property
    def full_path(self):
        """Where its bytes lie, whatever its state."""
        if self.path:
            return (settings.MODELS_DIR if self.is_stored else settings.QUARANTINE_DIR) / self.path
        whole = self.version.full_path
        return whole / self.name if self.version.layout == ModelVersion.Layout.DIFFUSERS else whole


class FileHash(models.Model):
    """One of the names by which the world knows a file's content; SHA-256 stands on the file itself as well."""

    class Kind(models.TextChoices):
        SHA256 = "SHA256", "SHA256"
        AUTOV2 = "AutoV2", "AutoV2"
        AUTOV3 = "AutoV3", "AutoV3"
        BLAKE3 = "BLAKE3", "BLAKE3"
        CRC32 = "CRC32", "CRC32"

    file = models.ForeignKey(ModelFile, models.CASCADE, related_name="hashes", verbose_name=_("file"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    # Lower case hexadecimal.
    value = models.CharField(_("value"), max_length=64, db_index=True)

    class Meta:
        verbose_name = _("file hash")
        verbose_name_plural = _("file hashes")
        constraints = [models.UniqueConstraint(fields=["file", "kind"], name="one_hash_per_kind")]
        ordering = ["kind"]

    def __str__(self):
        return f"{self.kind} {self.value}"


class Finding(models.Model):
    """Something inspection has to say of a file. `code` and `params` make the sentence in the reader's language."""

    class Severity(models.TextChoices):
        INFO = "info", _("Note")
        QUESTION = "question", _("Question")
        REFUSED = "refused", _("Refused")

    file = models.ForeignKey(ModelFile, models.CASCADE, related_name="findings", verbose_name=_("file"))
    severity = models.CharField(_("severity"), max_length=10, choices=Severity)
    code = models.CharField(_("code"), max_length=40)
    params = models.JSONField(_("details"), default=dict, blank=True)
    # What the owner answered to a question.
    answer = models.CharField(_("answer"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["id"]

    def __str__(self):
        return self.code


class ForbiddenHash(models.Model):
    """Content that may not come (back) in, by SHA-256."""

    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    reason = models.CharField(_("reason"), max_length=300)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("added by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("forbidden file")
        verbose_name_plural = _("forbidden files")
        ordering = ["-created_at"]

    def __str__(self):
        return self.sha256[:12]
