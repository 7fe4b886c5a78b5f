"""What people do with each other's pictures."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from gallery.models import Picture


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

    def __str__(self):
        return f"{self.user} → {self.picture}"
