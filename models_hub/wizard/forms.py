"""The questions of the wizard. What a step saves is what its form says is valid; the rest waits."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import public_texts
from models_hub.models import ModelCard, ModelVersion
from models_hub.wizard import fields, tags

SETTINGS = ("width", "height", "steps", "guidance", "sampler", "weight", "clip_skip")


TEXTS = ("name", "name_zh", "description", "description_zh", "attribution", "licence", "notes", "words", "examples")


class Public(forms.ModelForm):
    """What it asks for is read by everybody: the word list holds."""

    def clean(self):
        given = super().clean()
        public_texts.check_fields(self, [name for name in TEXTS if name in self.fields])
        return given


class StartForm(Public):
    """The first two questions, enough for a draft."""

    class Meta:
        model = ModelCard
        fields = ["name", "kind"]
        help_texts = {"name": gettext_lazy("As people will look for it. You can change it later.")}
        widgets = {"kind": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = ModelCard.Kind.choices


class Step(Public):
    """A step whose valid answers are saved even while others are not."""

    def save_valid(self):
        """Write what is valid. Returns the names of the saved fields."""
        self.full_clean()
        names = [name for name in self.cleaned_data if name not in self.errors]
        columns = [name for name in names if name in self._meta.fields]
        self.apply(names)
        self.instance.save(update_fields=[*columns, *self.extra_columns()])
        return names

    def apply(self, names):
        """Put the answers that are no columns where they belong."""

    def extra_columns(self):
        return []


class ModelForm(Step):
    """Step 1: what it is, and what others may do with it."""

    family = forms.ChoiceField(label=gettext_lazy("Made for"), choices=fields.FAMILIES)
    words = fields.Words(label=gettext_lazy("Tags"), most=tags.MAX_TAGS, longest=tags.MAX_LENGTH)
    licence_choice = forms.ChoiceField(label=gettext_lazy("Licence"), required=False)
    licence = forms.CharField(label=gettext_lazy("Name of the licence"), max_length=100, required=False)
    shows_real_person = fields.yes_no(
        gettext_lazy("Does it draw a real person?"),
        gettext_lazy("Somebody who lives or has lived, by name or likeness."),
    )
    credit_required = fields.yes_no(gettext_lazy("Must people who use it name you?"))
    merges_allowed = fields.yes_no(gettext_lazy("May others merge it into their models?"))
    relicensing_allowed = fields.yes_no(gettext_lazy("May such models have another licence?"))

    class Meta:
        model = ModelCard
        fields = ["name", "name_zh", "kind", "family", "category", "description", "description_zh", "attribution"]
        fields += ["credit_required", "commercial_use", "merges_allowed", "relicensing_allowed"]
        fields += ["shows_real_person", "content_level", "licence"]
        widgets = {
            "description": forms.Textarea({"rows": 8, "maxlength": 20000}),
            "description_zh": forms.Textarea({"rows": 4, "maxlength": 20000}),
            "attribution": forms.Textarea({"rows": 2, "maxlength": 2000}),
            "commercial_use": forms.RadioSelect,
            "content_level": forms.RadioSelect,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        card = self.instance
        self.fields["licence_choice"].choices = fields.licence_choices()
        known = card.licence in fields.LICENCES or not card.licence
        self.initial["licence_choice"] = card.licence if known else fields.OWN_LICENCE
        self.initial |= {name: "1" if getattr(card, name) else "" for name in self.yes_no_names()}
        self.initial["words"] = [tag.name for tag in card.tags.all()]
        for name in ("description", "description_zh", "attribution"):
            self.fields[name].max_length = int(self.fields[name].widget.attrs["maxlength"])
        if card.published_at:
            # Recipes and pages of others rely on it.
            self.fields["kind"].disabled = self.fields["family"].disabled = True

    def yes_no_names(self):
        return [
            name
            for name, field in self.fields.items()
            if isinstance(field, forms.TypedChoiceField) and field.coerce is bool
        ]

    def clean(self):
        given = super().clean()
        choice = given.get("licence_choice", "")
        if choice == fields.OWN_LICENCE and not given.get("licence"):
            self.add_error("licence", _("Name of the licence: say what it is called."))
        elif choice != fields.OWN_LICENCE:
            given["licence"] = choice
        for name in ("description", "description_zh", "attribution"):
            if len(given.get(name) or "") > self.fields[name].max_length:
                message = _("Use at most %(most)d characters.") % {"most": self.fields[name].max_length}
                self.add_error(name, message)
        return given

    def apply(self, names):
        if "words" in names:
            self.instance.tags.set(tags.named(self.cleaned_data["words"]))

    def extra_columns(self):
        return ["updated_at"]


class VersionForm(Step):
    """Step 2: this set of weights."""

    words = fields.Words(
        label=gettext_lazy("Trigger words"),
        most=50,
        longest=200,
        help_text=gettext_lazy("What a prompt must contain for the model to work. Leave it empty if it needs none."),
    )
    examples = fields.Lines(
        label=gettext_lazy("Example prompts"),
        most=10,
        longest=300,
        help_text=gettext_lazy("One a line; visitors try them."),
    )
    width = fields.number(gettext_lazy("Width"), 64, 4096)
    height = fields.number(gettext_lazy("Height"), 64, 4096)
    steps = fields.number(gettext_lazy("Steps"), 1, 150)
    guidance = fields.number(gettext_lazy("Guidance"), 0, 30, 0.1)
    sampler = forms.RegexField(r"^[a-z0-9_]{1,40}\Z", label=gettext_lazy("Sampler"), required=False)
    weight = fields.number(gettext_lazy("Weight"), -2, 2, 0.05)
    clip_skip = fields.number(gettext_lazy("Clip skip"), 1, 4)

    class Meta:
        model = ModelVersion
        fields = ["name", "notes", "login_to_download"]
        widgets = {"notes": forms.Textarea({"rows": 4, "maxlength": 10000})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        version = self.instance
        self.initial |= {name: version.settings.get(name) for name in SETTINGS}
        self.initial["words"] = version.trigger_words
        self.initial["examples"] = version.example_prompts.get("en", [])

    def clean_notes(self):
        if len(self.cleaned_data["notes"]) > 10000:
            raise forms.ValidationError(_("Use at most %(most)d characters.") % {"most": 10000})
        return self.cleaned_data["notes"]

    def apply(self, names):
        version, given = self.instance, self.cleaned_data
        kept = {name: value for name, value in version.settings.items() if name not in SETTINGS or name not in names}
        version.settings = kept | {name: given[name] for name in SETTINGS if given.get(name) not in (None, "")}
        if "words" in names:
            version.trigger_words = given["words"]
        if "examples" in names:
            version.example_prompts = version.example_prompts | {"en": given["examples"]}

    def extra_columns(self):
        return ["settings", "trigger_words", "example_prompts"]
