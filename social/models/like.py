"""Hearts."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from gallery.models import Picture
from models_hub.models import ModelCard


class Like(models.Model):
    """One user's like of one picture."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="likes_given", verbose_name=_("user")
    )
    picture = models.ForeignKey(Picture, models.CASCADE, related_name="liked_by", verbose_name=_("picture"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("like")
        verbose_name_plural = _("likes")
        constraints = [models.UniqueConstraint(fields=["user", "picture"], name="one_like_each")]
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="likes_of_user")]

    def __str__(self):
        return f"{self.user} → {self.picture}"


class ModelLike(models.Model):
    """One user's like of one model."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="model_likes_given", verbose_name=_("user")
    )
    card = models.ForeignKey(ModelCard, models.CASCADE, related_name="liked_by", verbose_name=_("model"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("like of a model")
        verbose_name_plural = _("likes of models")
        constraints = [models.UniqueConstraint(fields=["user", "card"], name="one_model_like_each")]

    def __str__(self):
        return f"{self.user} → {self.card}"
