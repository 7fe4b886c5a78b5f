"""What a user shows, and how they like to see the site."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class Profile(models.Model):
    """What a user shows of themselves, and how they like to see the site."""

    class ContentLevel(models.IntegerChoices):
        GENERAL = 0, _("General")
        MATURE = 1, _("Mature")
        EXPLICIT = 2, _("Explicit")

    class Focus(models.TextChoices):
        """Which part of a picture stays in sight where it is cut to a square or a band."""

        CENTER = "center", _("Middle")
        TOP = "top", _("Top")
        BOTTOM = "bottom", _("Bottom")
        LEFT = "left", _("Left")
        RIGHT = "right", _("Right")

    user = models.OneToOneField(User, models.CASCADE, related_name="profile", verbose_name=_("user"))
    bio = models.TextField(_("about me"), max_length=500, blank=True)
    website = models.URLField(_("website"), blank=True)
    # Further links: [{"title", "url"}], at most 6.
    links = models.JSONField(_("links"), default=list, blank=True)
    # WebP files made by the site from what was uploaded (accounts.portraits); names below the media folder.
    avatar = models.CharField(_("avatar"), max_length=120, blank=True, editable=False)
    cover = models.CharField(_("cover"), max_length=120, blank=True, editable=False)
    avatar_focus = models.CharField(_("focus of the avatar"), max_length=6, choices=Focus, default=Focus.CENTER)
    cover_focus = models.CharField(_("focus of the cover"), max_length=6, choices=Focus, default=Focus.CENTER)
    # Privacy.
    shows_presence = models.BooleanField(_("show when I am online"), default=True)
    shows_likes = models.BooleanField(_("show what I like"), default=False)
    # What this reader wants to see: gallery levels up to this one, and whether they are blurred first.
    content_level = models.PositiveSmallIntegerField(
        _("show me pictures up to"), choices=ContentLevel, default=ContentLevel.GENERAL
    )
    blurs_mature = models.BooleanField(_("blur mature pictures"), default=True)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True, editable=False)
    # Counters kept equal to their rows by the services that write those.
    followers = models.PositiveIntegerField(_("followers"), default=0, editable=False)
    following = models.PositiveIntegerField(_("following"), default=0, editable=False)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        # The list of people, most followed first.
        indexes = [models.Index(fields=["-followers", "-id"], name="profile_followed")]

    def __str__(self):
        return str(self.user)
