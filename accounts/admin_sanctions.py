"""Bans and mutes in the back office: issued by a form, lifted by a button, never changed or deleted."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts import sanctions
from accounts.models import Sanction
from visionary.common.back_office import BackOfficeAdmin, FixedInline
from visionary.common.exceptions import DomainError

ISSUE = {Sanction.Kind.BAN: sanctions.ban, Sanction.Kind.MUTE: sanctions.mute}


class NewSanctionForm(forms.ModelForm):
    """Asks the service while it is checked, so that a refusal stands at its field. `by` is set by the admin."""

    by = None

    class Meta:
        model = Sanction
        fields = ["user", "kind", "reason", "until", "note"]

    def clean(self):
        given = super().clean()
        if self.errors:
            return given
        issue = ISSUE[given["kind"]]
        rest = {name: given[name] for name in ("user", "reason", "until", "note")}
        try:
            self.issued = issue(by=self.by, **rest)
        except DomainError as error:
            field = error.field if error.field in self.fields else None
            raise ValidationError({field: str(error)} if field else str(error)) from error
        return given

    def save(self, commit=True):
        return self.issued

    def save_m2m(self):
        """There is nothing further to save."""


class LiftForm(forms.ModelForm):
    """Why a sanction ends before its time."""

    by = None

    class Meta:
        model = Sanction
        fields = ["lift_reason"]

    def clean(self):
        given = super().clean()
        try:
            self.lifted = sanctions.lift(sanction=self.instance, by=self.by, reason=given.get("lift_reason", ""))
        except DomainError as error:
            raise ValidationError({"lift_reason": str(error)}) from error
        return given

    def save(self, commit=True):
        return self.lifted

    def save_m2m(self):
        """There is nothing further to save."""


class SanctionInline(FixedInline):
    """The history on a user's page."""

    model = Sanction
    fk_name = "user"
    fields = ["kind", "since", "until", "reason", "note", "issued_by", "lifted_at", "lifted_by", "lift_reason"]
    show_change_link = True


@admin.register(Sanction)
class SanctionAdmin(BackOfficeAdmin):
    list_display = ["user", "kind", "state", "reason", "since", "until", "issued_by"]
    list_filter = ["kind", "since", "lifted_at"]
    list_select_related = ["user", "issued_by"]
    search_fields = ["user__username", "reason"]
    autocomplete_fields = ["user"]
    FACTS = ("user", "kind", "reason", "note", "since", "until", "issued_by", "lifted_at", "lifted_by")

    def get_form(self, request, obj=None, change=False, **kwargs):
        kind = LiftForm if change else NewSanctionForm
        form = super().get_form(request, obj, change, form=kind, **kwargs)
        form.by = request.user
        return form

    def get_fields(self, request, obj=None):
        return [*self.FACTS, "lift_reason"] if obj else NewSanctionForm.Meta.fields

    def get_readonly_fields(self, request, obj=None):
        return self.FACTS if obj else ()

    def has_change_permission(self, request, obj=None):
        """What is over is only looked at."""
        return super().has_change_permission(request, obj) and (obj is None or self.is_running(obj))

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        """The form has asked the service already; saving the row would write over what it has written."""
        obj.pk = form.save().pk

    def is_running(self, row):
        return Sanction.objects.running().filter(pk=row.pk).exists()

    @display(description=gettext_lazy("state"), label={"running": "danger", "over": "", "lifted": "info"})
    def state(self, row):
        if row.lifted_at:
            return "lifted", _("lifted")
        running = row.until is None or row.until > timezone.now()
        return ("running", _("running")) if running else ("over", _("over"))
