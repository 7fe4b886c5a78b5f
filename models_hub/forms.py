"""What the list of models reads from its address."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from models_hub.models import ModelCard


class ModelsForm(forms.Form):
    """Search and kind. What cannot be read is left out."""

    q = forms.CharField(label=_("Search models"), max_length=100, required=False)
    kind = forms.ChoiceField(choices=[("", _("All")), *ModelCard.Kind.choices], required=False)

    def values(self):
        self.is_valid()
        return self.cleaned_data

    def apply(self, cards):
        values = self.values()
        if values.get("kind"):
            cards = cards.filter(kind=values["kind"])
        for word in values.get("q", "").split():
            cards = cards.filter(Q(name__icontains=word) | Q(name_zh__icontains=word) | Q(slug__icontains=word))
        return cards
