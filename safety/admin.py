"""The word list and the prompt guard in the back office."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from safety import services
from safety.folding import is_spaceless
from safety.models import PromptGuard, Word
from safety.normalise import normalise
from visionary.common.back_office import BackOfficeAdmin


class WordForm(forms.ModelForm):
    class Meta:
        model = Word
        fields = ["text", "category", "is_active", "note"]

    def clean_text(self):
        """The word as it was typed; refuses what would match nothing, or nearly everything."""
        text = " ".join(self.cleaned_data["text"].split())
        plain = normalise(text)[0]
        if not plain:
            raise ValidationError(_("Write at least one letter or digit."))
        if len(plain) == 1:
            reason = _("A single Chinese character is part of countless innocent words. Write two or more.")
            raise ValidationError(reason if is_spaceless(plain) else _("Write two or more letters."))
        return text


class SentenceForm(forms.Form):
    sentence = forms.CharField(
        label=gettext_lazy("Sentence"), max_length=20_000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 4})
    )


COLOURS = {"allowed": "success", "minors": "danger", "sexual": "warning", "hate": "warning"}


@admin.register(Word)
class WordAdmin(BackOfficeAdmin):
    form = WordForm
    list_display = ["text", "coloured_category", "is_active", "note", "updated_at"]
    list_filter = ["category", "is_active"]
    search_fields = ["text", "note"]
    actions = ["activate", "deactivate"]
    list_before_template = "admin/safety/_try_link.html"

    def get_urls(self):
        return [
            path("try/", self.admin_site.admin_view(self.try_sentence), name="safety_word_try"),
            *super().get_urls(),
        ]

    @display(
        description=gettext_lazy("category"),
        ordering="category",
        label=dict.fromkeys(Word.Category.values, "") | COLOURS,
    )
    def coloured_category(self, word):
        return word.category, word.get_category_display()

    @admin.action(description=gettext_lazy("Activate"), permissions=["change"])
    def activate(self, request, words):
        self.set_active(request, words, True, _("%(number)d activated."))

    @admin.action(description=gettext_lazy("Deactivate"), permissions=["change"])
    def deactivate(self, request, words):
        self.set_active(request, words, False, _("%(number)d deactivated."))

    def set_active(self, request, words, active, sentence):
        def deed(word):
            others = Word.objects.filter(pk=word.pk, is_active=not active)
            return bool(others.update(is_active=active, updated_at=timezone.now()))

        self.each(request, words, deed, sentence)

    def try_sentence(self, request):
        """What the guard would say to a sentence; nothing is stored."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = SentenceForm(request.POST or None)
        context = {**self.admin_site.each_context(request), "form": form, "title": _("Try a sentence")}
        if form.is_valid():
            sentence = form.cleaned_data["sentence"]
            context |= {"tried": True, "parts": marked(sentence), "plain": normalise(sentence)[0]}
        return render(request, "admin/safety/try.html", context)


def marked(sentence):
    """The sentence in pieces: {"text", "hit"}, `hit` being the Hit that covers the piece, or None."""
    pieces, at = [], 0
    for hit in services.find_words(sentence):
        if hit.start >= at:
            pieces.append({"text": sentence[at : hit.start], "hit": None})
            pieces.append({"text": sentence[hit.start : hit.end], "hit": hit, "category": Word.Category(hit.category)})
            at = hit.end
    return [piece for piece in [*pieces, {"text": sentence[at:], "hit": None}] if piece["text"]]


@admin.register(PromptGuard)
class PromptGuardAdmin(BackOfficeAdmin):
    """One row: the list leads straight to it."""

    fields = ["prefix", "negative_prefix", "updated_at"]
    readonly_fields = ["updated_at"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        return redirect(reverse("admin:safety_promptguard_change", args=[PromptGuard.current().pk]))
