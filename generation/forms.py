"""The form of the generate page. The limits are checked by the service; here values are only read."""

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from generation import limits
from generation.asking import choosing, drafts, prefill, sizes
from generation.engine import samplers
from generation.grids import axes
from generation.models import Job
from models_hub.models import ModelCard, ModelVersion
from visionary.common.exceptions import DomainError

PREPROCESSORS = [
    ("none", _("None: the picture as it is")),
    ("edges", _("Edges")),
    ("soft_edges", _("Soft edges")),
    ("pose", _("Pose")),
]

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


class Quiet(forms.CharField):
    """An id or a slug that the page fills in."""

    def __init__(self, **kwargs):
        super().__init__(required=False, max_length=100, widget=forms.HiddenInput, **kwargs)


class Many(forms.Field):
    """Slugs, one value each."""

    widget = forms.MultipleHiddenInput

    def __init__(self, **kwargs):
        super().__init__(required=False, **kwargs)

    def clean(self, value):
        return [slug for slug in value or [] if slug][: limits.MAX_EMBEDDINGS * 2]


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
        choices=[(4, _("4 times")), (1, pgettext_lazy("enlarge the result", "No"))],
        coerce=int,
        empty_value=4,
        required=False,
    )
    publish = forms.BooleanField(label=_("Publish in the gallery when done"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=Job.Kind.choices, required=False)
    # Ids of Sources of the user.
    source = Quiet(label=_("Source picture"))
    mask = Quiet(label=_("Mask"))
    control_source = Quiet(label=_("Guide picture"))
    strength = forms.FloatField(label=_("Strength"), required=False)
    mask_blur = forms.IntegerField(label=_("Mask blur"), required=False)
    outpaint_left = forms.IntegerField(label=_("Left"), required=False)
    outpaint_top = forms.IntegerField(label=_("Top"), required=False)
    outpaint_right = forms.IntegerField(label=_("Right"), required=False)
    outpaint_bottom = forms.IntegerField(label=_("Bottom"), required=False)
    # Slugs of models.
    vae = Quiet(label="VAE")
    control = Quiet(label="ControlNet")
    embeddings = Many(label=_("Textual inversion"))
    styles = Many(label=_("Style"))
    preprocessor = forms.ChoiceField(label=_("Preprocessor"), choices=PREPROCESSORS, required=False)
    control_weight = forms.FloatField(label=_("ControlNet weight"), required=False)
    clip_skip = forms.IntegerField(label=_("Clip skip"), required=False)
    # The picture whose recipe the form started from, and whether it was to be varied.
    remix_of = Quiet(label=_("Remix of"))
    is_variation = forms.BooleanField(required=False, widget=forms.HiddenInput)
    # A grid is asked for by naming what changes along x, and perhaps along y.
    x_axis = forms.ChoiceField(label=_("Columns"), choices=axes.choices, required=False)
    x_values = forms.CharField(label=_("Values of the columns"), required=False)
    y_axis = forms.ChoiceField(label=_("Rows"), choices=axes.choices, required=False)
    y_values = forms.CharField(label=_("Values of the rows"), required=False)

    def __init__(self, *args, cards, default, user=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.cards, self.default, self.user = cards, default, user
        # Slugs of the resources that do not fit, for a button that removes them.
        self.misfits = []
        usable = ModelCard.objects.published().filter(kind=ModelCard.Kind.CHECKPOINT, versions__isnull=False)
        self.fields["model"].queryset = usable.distinct()
        self.fields["sampler"].choices = sampler_choices()

    def clean(self):
        data = super().clean()
        if "model" in self.errors:
            return data
        card = data.get("model") or self.default
        if card is None:
            self.add_error("model", _("There is no model on this site yet. Ask its administrator to add one."))
            return data
        data["version"] = ModelVersion.objects.published().filter(card=card).select_related("card").first()
        self.clean_size(data)
        data["loras"] = self.clean_loras()
        data["outpaint"] = {side: data.pop(f"outpaint_{side}", None) for side in sizes.SIDES}
        self.look_up(data)
        return data

    def clean_size(self, data):
        """The shape's size; with a source, and unless a size was asked for, that of the source."""
        from_source = data.get("kind") in drafts.NEEDS_SOURCE and data.get("shape") != "custom"
        if from_source:
            data["width"] = data["height"] = None
        elif chosen := shapes(data["version"]).get(data.get("shape") or ""):
            data["width"], data["height"] = chosen

    def clean_loras(self):
        """[(version, weight)] of the rows that name a LoRA."""
        pairs = zip(self.data.getlist("lora"), self.data.getlist("lora_weight"), strict=False)
        chosen = {slug: weight for slug, weight in pairs if slug}
        found = {version.card.slug: version for version in newest_loras(chosen)}
        try:
            return [(found[slug], float(weight or 1)) for slug, weight in chosen.items()]
        except KeyError:
            self.add_error(None, _("LoRA: this LoRA cannot be used. Choose another one."))
            self.misfits = [slug for slug in chosen if slug not in found]
        except ValueError:
            self.add_error(None, _("LoRA weight: give a number, such as 0.8."))
        return []

    def look_up(self, data):
        """Slugs and ids become rows; what is not there is told at its field."""
        lookups = (
            lambda: choosing.rows(data),
            lambda: choosing.given_sources(self.user, data),
            lambda: {"styles": choosing.styles(data.get("styles") or [])},
            lambda: {"remix_of": prefill.remixed(data.get("remix_of"), self.user)},
        )
        for look in lookups:
            try:
                data.update(look())
            except DomainError as error:
                self.refuse(error)

    @property
    def is_grid(self):
        return bool(self.cleaned_data.get("x_axis"))

    def axes(self):
        """{"x": (name, text of the values), "y": ...} for submit_grid."""
        return {way: (self.cleaned_data[f"{way}_axis"], self.cleaned_data[f"{way}_values"]) for way in "xy"}

    def asked(self):
        """Arguments for submit_job."""
        left_out = {"model", "shape", "x_axis", "x_values", "y_axis", "y_values"}
        given = {name: value for name, value in self.cleaned_data.items() if name not in left_out}
        return given | {name: given[name] or None for name in ("sampler", "kind", "preprocessor")}

    def refuse(self, error):
        """Show a DomainError at its field."""
        self.misfits = getattr(error, "slugs", self.misfits)
        self.add_error(error.field if error.field in self.fields else None, str(error))


def sampler_choices():
    """What the model's author recommends, then all samplers, those of every day before the others."""
    headings = {samplers.RECOMMENDED: _("Often used"), samplers.OTHERS: _("Others")}
    groups = ((headings[name], [(one.slug, one.label) for one in found]) for name, found in samplers.grouped())
    return [("", _("Recommended")), *groups]


def newest_loras(slugs):
    """The newest version of each published LoRA of these slugs (oldest first, so that a dict keeps the newest)."""
    return ModelVersion.objects.published().loras().filter(card__slug__in=slugs).select_related("card").order_by("pk")
