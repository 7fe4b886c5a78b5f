"""Styles and wildcards in the back office, where the site's words for everybody are kept."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from generation.models import StyleTemplate, Wildcard
from visionary.common.back_office import BackOfficeAdmin

MAX_OPTIONS = 50_000  # characters


class StyleForm(forms.ModelForm):
    class Meta:
        model = StyleTemplate
        fields = ["slug", "name", "name_zh", "template", "negative", "is_active", "position"]

    def clean_template(self):
        """The template; refuses one that has no place for the prompt."""
        template = self.cleaned_data["template"]
        if "{prompt}" not in template:
            raise ValidationError(_("Write {prompt} where the user's words go."))
        return template


@admin.register(StyleTemplate)
class StyleAdmin(BackOfficeAdmin):
    form = StyleForm
    list_display = ["name", "name_zh", "template", "negative", "is_active", "position"]
    list_filter = ["is_active"]
    search_fields = ["name", "name_zh", "slug", "template"]
    prepopulated_fields = {"slug": ["name"]}


class WildcardForm(forms.ModelForm):
    options = forms.CharField(
        label=gettext_lazy("options"),
        max_length=MAX_OPTIONS,
        help_text=gettext_lazy("One a line. An option may hold other lists and choices: __colour__, {a|b}, {3::a|b}."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 16}),
    )

    class Meta:
        model = Wildcard
        fields = ["name", "options"]

    def clean_options(self):
        """The options; refuses a list without any."""
        options = self.cleaned_data["options"]
        if not any(line.strip() for line in options.splitlines()):
            raise ValidationError(_("Write at least one option."))
        return options


@admin.register(Wildcard)
class WildcardAdmin(BackOfficeAdmin):
    form = WildcardForm
    list_display = ["written", "number", "first"]
    search_fields = ["name", "options"]

    @display(description=gettext_lazy("name"), ordering="name")
    def written(self, wildcard):
        return str(wildcard)

    @display(description=gettext_lazy("options"))
    def number(self, wildcard):
        return len(wildcard.lines)

    @display(description=gettext_lazy("first options"))
    def first(self, wildcard):
        return ", ".join(wildcard.lines[:8])[:120]
