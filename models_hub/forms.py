"""What the list of models and the reviews read from addresses and forms."""

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Subquery
from django.utils.translation import gettext_lazy as _

from models_hub.models import ModelCard, Review


class ModelsForm(forms.Form):
    """Search, filters and order of the list, all in the address. What cannot be read is left out."""

    q = forms.CharField(label=_("Search models"), max_length=100, required=False)
    kind = forms.ChoiceField(choices=[("", _("All")), *ModelCard.Kind.choices], required=False)
    category = forms.ChoiceField(
        label=_("Category"), choices=[("", _("All categories")), *ModelCard.Category.choices], required=False
    )
    family = forms.CharField(label=_("Family"), max_length=20, required=False)
    tag = forms.CharField(label=_("Tag"), max_length=60, required=False)
    by = forms.CharField(label=_("Owner"), max_length=30, required=False)
    level = forms.TypedChoiceField(
        label=_("Content level"),
        choices=[("", _("Every level I see")), *ModelCard.ContentLevel.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    sort = forms.ChoiceField(
        label=_("Order"),
        choices=[
            ("", _("Best first")),
            ("newest", _("Newest")),
            ("likes", _("Most liked")),
            ("downloads", _("Most downloaded")),
            ("uses", _("Most used")),
            ("name", _("By name")),
        ],
        required=False,
    )

    def values(self):
        self.is_valid()
        return self.cleaned_data

    def sort_by(self):
        """The order in force: without words there is no best, so that the newest come first."""
        values = self.values()
        return values.get("sort") or ("best" if values.get("q", "").strip() else "newest")

    def filtered(self, cards):
        """`cards` without those that the filters leave out; words are the search's business."""
        values = self.values()
        for name in ("kind", "category", "family"):
            if values.get(name):
                cards = cards.filter(**{name: values[name]})
        if values.get("tag"):
            cards = cards.filter(tags__key=values["tag"].casefold())
        if values.get("by"):
            # By the owner's key, so that databases take the index of owners rather than read a whole list.
            owner = get_user_model().objects.filter(username=values["by"]).values("pk")[:1]
            cards = cards.filter(owner_id=Subquery(owner))
        if values.get("level") is not None:
            cards = cards.filter(content_level=values["level"])
        return cards


class ReviewForm(forms.Form):
    """Recommended or not, and why."""

    recommends = forms.TypedChoiceField(
        label=_("Do you recommend it?"),
        choices=[("1", _("I recommend it")), ("0", _("I do not recommend it"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("What should others know?"),
        max_length=Review._meta.get_field("text").max_length,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
