"""What the gallery's pages read from addresses and forms."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gallery.models import Picture

DAYS = {"day": 1, "week": 7, "month": 30}


class FeedForm(forms.Form):
    """Filters of the gallery, all in the address. What cannot be read is left out, never refused."""

    sort = forms.ChoiceField(choices=[("new", _("Newest")), ("top", _("Most liked"))], required=False)
    period = forms.ChoiceField(
        choices=[("day", _("Today")), ("week", _("This week")), ("month", _("This month")), ("", _("All time"))],
        required=False,
    )
    model = forms.SlugField(max_length=100, required=False)
    by = forms.CharField(max_length=30, required=False)

    def values(self):
        self.is_valid()
        return self.cleaned_data

    def order(self):
        return "likes" if self.values().get("sort") == "top" else "published_at"

    def apply(self, pictures):
        values = self.values()
        if values.get("model"):
            pictures = pictures.filter(card__slug=values["model"])
        if values.get("by"):
            pictures = pictures.filter(owner__username=values["by"])
        if values.get("period") in DAYS and self.order() == "likes":
            pictures = pictures.filter(published_at__gte=timezone.now() - timedelta(days=DAYS[values["period"]]))
        return pictures


class MineForm(forms.Form):
    """Which of my pictures are shown."""

    show = forms.ChoiceField(
        choices=[
            ("", _("All")),
            ("private", _("Private")),
            ("published", _("Published")),
            ("liked", _("Liked by me")),
            ("failed", _("Not drawn")),
            ("trash", _("Trash")),
        ],
        required=False,
    )

    def shown(self):
        self.is_valid()
        return self.cleaned_data.get("show") or ""

    def pictures(self, user):
        shown = self.shown()
        if shown == "liked":
            return Picture.objects.visible_to(user).filter(liked_by__user=user)
        if shown == "failed":  # jobs without pictures: the page asks for those itself
            return Picture.objects.none()
        if shown == "trash":
            return Picture.objects.for_owner_with_trash(user).exclude(deleted_at=None)
        mine = Picture.objects.for_owner(user)
        public = Picture.Visibility.PUBLIC
        return {"private": mine.exclude(visibility=public), "published": mine.filter(visibility=public)}.get(
            shown, mine
        )


class PictureForm(forms.Form):
    """Title and visibility, changed by the owner."""

    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    visibility = forms.ChoiceField(label=_("Who can see it"), choices=Picture.Visibility.choices)
