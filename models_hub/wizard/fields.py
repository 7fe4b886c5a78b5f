"""Form fields of the wizard."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_hub.models import ModelCard

FAMILIES = [
    ("sd1", "Stable Diffusion 1.x"),
    ("sd2", "Stable Diffusion 2.x"),
    ("sd2-v", "Stable Diffusion 2.x (768-v)"),
    ("sdxl", "Stable Diffusion XL"),
    ("sd3", "Stable Diffusion 3"),
    ("flux", "Flux"),
    ("starter", gettext_lazy("Starter of this site")),
    ("unknown", gettext_lazy("Another one, or I do not know")),
]
# SPDX names where there are any; what each allows is the business of its text.
LICENCES = [
    "CreativeML Open RAIL-M",
    "CreativeML Open RAIL++-M",
    "Fair AI Public License 1.0-SD",
    "FLUX.1 [dev] Non-Commercial License",
    "Stability AI Community License",
    "Apache-2.0",
    "MIT",
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
]
OWN_LICENCE = "own"


def plain(text):
    """`text`, unless it has a null character, which the field's own validator does not see in a list."""
    if "\x00" in text:
        raise ValidationError(_("Null characters are not allowed."), code="null_characters_not_allowed")
    return text


class Words(forms.CharField):
    """A list of short texts, with commas or line ends between; chips where there is script.

    At most `most` of them with `longest` characters each; twice the same is once.
    """

    def __init__(self, *, most, longest, **kwargs):
        self.most, self.longest = most, longest
        super().__init__(required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}), **kwargs)

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value):
        text = plain(super().to_python(value)).replace("，", ",").replace("\n", ",")
        words = list(dict.fromkeys(" ".join(word.split()) for word in text.split(",") if word.strip()))
        if len(words) > self.most:
            raise ValidationError(_("Give at most %(most)d.") % {"most": self.most}, code="too_many")
        if long := next((word for word in words if len(word) > self.longest), None):
            message = _("“%(word)s…” is too long: use at most %(most)d characters for each.")
            raise ValidationError(message % {"word": long[:20], "most": self.longest}, code="too_long")
        return words


class Lines(Words):
    """A list of texts, one a line."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.widget = forms.Textarea(attrs={"rows": 3})
        self.widget.is_required = False

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value):
        lines = [line.strip() for line in plain(forms.CharField.to_python(self, value)).splitlines() if line.strip()]
        if len(lines) > self.most or any(len(line) > self.longest for line in lines):
            numbers = {"most": self.most, "longest": self.longest}
            raise ValidationError(
                _("Give at most %(most)d lines of %(longest)d characters.") % numbers, code="too_many"
            )
        return lines


def number(label, low, high, step=1, **kwargs):
    """A field for a number that may be left empty."""
    kind = forms.IntegerField if isinstance(step, int) else forms.FloatField
    return kind(label=label, min_value=low, max_value=high, required=False, widget=forms.NumberInput({"step": step}))


def yes_no(label, help_text=""):
    """A question with two answers, both to be seen."""
    return forms.TypedChoiceField(
        label=label,
        help_text=help_text,
        choices=[("1", gettext_lazy("Yes")), ("", gettext_lazy("No"))],
        coerce=bool,
        empty_value=False,
        required=False,
        widget=forms.RadioSelect,
    )


def licence_choices():
    named = [(name, name) for name in LICENCES]
    return [("", _("Choose …")), *named, (OWN_LICENCE, _("Another one: I name it"))]


KINDS = ModelCard.Kind.choices
