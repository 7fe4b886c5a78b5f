"""The form of the generate page. The limits are checked by the service; here values are only read."""

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from generation import limits
from generation.engine.samplers import SAMPLERS
from models_hub.models import ModelCard, ModelVersion

# Sides of a shape as shares of the side that the model was trained on.
SHAPES = {"square": (1, 1), "portrait": (0.75, 1), "landscape": (1, 0.75)}
# Learned on squares only: in other shapes it repeats the object.
SQUARE_ONLY = {"starter"}


def shapes(version):
    """{shape: (width, height)} that `version` draws well."""
    side = max(version.settings.get("width", 512), version.settings.get("height", 512))
    names = ["square"] if version.card.family in SQUARE_ONLY else SHAPES
    return {name: tuple(int(side * share) // 8 * 8 for share in SHAPES[name]) for name in names}


class Words(forms.CharField):
    """A prompt. The null character is refused by the service, in a sentence that names the field."""

    def __init__(self, *, rows, **kwargs):
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), strip=True, required=False, **kwargs)
        self.validators = [one for one in self.validators if not isinstance(one, ProhibitNullCharactersValidator)]


class GenerateForm(forms.Form):
    """What is left empty comes from the model's recommended settings, so a prompt alone is a whole request."""

    prompt = Words(label=_("Prompt"), rows=4)
    model = forms.ModelChoiceField(
        ModelCard.objects.none(), label=_("Model"), to_field_name="slug", required=False, empty_label=None
    )
    model.error_messages["invalid_choice"] = _("Model: this model cannot be used. Choose another one.")
    shape = forms.ChoiceField(
        label=_("Shape"),
        choices=[
            ("square", _("Square")),
            ("portrait", _("Portrait")),
            ("landscape", _("Landscape")),
            ("custom", _("Custom")),
        ],
        required=False,
    )
    negative_prompt = Words(label=_("Negative prompt"), rows=2)
    steps = forms.IntegerField(label=_("Steps"), required=False)
    guidance = forms.FloatField(label=_("Guidance"), required=False)
    sampler = forms.ChoiceField(label=_("Sampler"), required=False)
    seed = forms.IntegerField(label=_("Seed"), required=False)
    width = forms.IntegerField(label=_("Width"), required=False)
    height = forms.IntegerField(label=_("Height"), required=False)
    count = forms.TypedChoiceField(
        label=_("Number of pictures"),
        choices=[(number, str(number)) for number in range(1, limits.MAX_COUNT + 1)],
        coerce=int,
        empty_value=1,
        required=False,
    )
    upscale = forms.TypedChoiceField(
        label=_("Enlarge the result"),
        choices=[(4, _("4 times")), (1, _("No"))],
        coerce=int,
        empty_value=4,
        required=False,
    )
    publish = forms.BooleanField(label=_("Publish in the gallery when done"), required=False)

    def __init__(self, *args, cards, loras, default, **kwargs):
        super().__init__(*args, **kwargs)
        self.cards, self.lora_cards, self.default = cards, loras, default
        usable = ModelCard.objects.published().filter(kind=ModelCard.Kind.CHECKPOINT, versions__isnull=False)
        self.fields["model"].queryset = usable.distinct()
        self.fields["sampler"].choices = [("", _("Recommended")), *((s.slug, s.label) for s in SAMPLERS.values())]

    def clean(self):
        data = super().clean()
        if "model" in self.errors:
            return data
        card = data.get("model") or self.default
        if card is None:
            self.add_error("model", _("There is no model on this site yet. Ask its administrator to add one."))
            return data
        data["version"] = card.versions.select_related("card").first()
        chosen = shapes(data["version"]).get(data.get("shape") or "")
        if chosen:
            data["width"], data["height"] = chosen
        data["loras"] = self.clean_loras()
        return data

    def clean_loras(self):
        """[(version, weight)] of the rows that name a LoRA."""
        pairs = zip(self.data.getlist("lora"), self.data.getlist("lora_weight"), strict=False)
        chosen = {slug: weight for slug, weight in pairs if slug}
        found = {version.card.slug: version for version in newest_loras(chosen)}
        try:
            return [(found[slug], float(weight or 1)) for slug, weight in chosen.items()]
        except KeyError:
            self.add_error(None, _("LoRA: this LoRA cannot be used. Choose another one."))
        except ValueError:
            self.add_error(None, _("LoRA weight: give a number, such as 0.8."))
        return []

    def asked(self):
        """Arguments for submit_job."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"model", "shape"}} | {
            "sampler": self.cleaned_data["sampler"] or None
        }

    def refuse(self, error):
        """Show a DomainError at its field."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


def newest_loras(slugs):
    """The newest version of each published LoRA of these slugs (oldest first, so that a dict keeps the newest)."""
    return ModelVersion.objects.published().loras().filter(card__slug__in=slugs).select_related("card").order_by("pk")
