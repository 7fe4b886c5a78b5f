"""Files, what inspection found in them, uploads under way, and what may not come in."""

import re

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from models_hub import findings
from models_hub.models import FileHash, Finding, ForbiddenHash, ModelFile, Upload
from visionary.common.back_office import BackOfficeAdmin, FixedAdmin, FixedInline, megabytes

SEVERITIES = {"info": "info", "question": "warning", "refused": "danger"}


class HashInline(FixedInline):
    model = FileHash
    fields = ["kind", "value"]


class FindingInline(FixedInline):
    model = Finding
    fields = ["severity", "sentence", "answer"]

    @display(description=gettext_lazy("finding"))
    def sentence(self, finding):
        return findings.sentence(finding)


@admin.register(ModelFile)
class ModelFileAdmin(BackOfficeAdmin):
    list_display = ["name", "version", "role", "coloured_state", "size_text", "precision", "short_hash"]
    list_filter = ["state", "role", "precision"]
    list_select_related = ["version__card"]
    search_fields = ["name", "sha256", "version__card__name"]
    fields = ["name", "version", "role", "state", "size_text", "sha256", "precision", "facts", "inspected_at"]
    readonly_fields = ["size_text"]
    inlines = [FindingInline, HashInline]
    actions = ["forbid"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_forbid_permission(self, request):
        return request.user.has_perm("models_hub.add_forbiddenhash")

    @display(description=gettext_lazy("size"), ordering="size")
    def size_text(self, file):
        return megabytes(file.size)

    @display(description="SHA-256")
    def short_hash(self, file):
        return file.sha256[:12] or "–"

    @display(
        description=gettext_lazy("inspection"),
        ordering="state",
        label={"clean": "success", "pending": "info", "question": "warning", "refused": "danger"},
    )
    def coloured_state(self, file):
        return file.state, file.get_state_display()

    @admin.action(description=gettext_lazy("Forbid this content"), permissions=["forbid"])
    def forbid(self, request, files):
        self.each(request, files, lambda file: forbid(file, request.user), _("%(number)d forbidden."))


def forbid(file, by, reason=""):
    """Keep this content from coming in (again). False when it is forbidden already, or was never read."""
    if not file.sha256:
        return False
    reason = (reason or _("Forbidden by a moderator."))[:300]
    return ForbiddenHash.objects.get_or_create(sha256=file.sha256, defaults={"reason": reason, "added_by": by})[1]


@admin.register(Finding)
class FindingAdmin(FixedAdmin):
    list_display = ["sentence", "coloured_severity", "file", "answer", "created_at"]
    list_filter = ["severity", "code", "created_at"]
    list_select_related = ["file"]
    search_fields = ["code", "file__name", "file__sha256"]
    fields = ["file", "coloured_severity", "code", "sentence", "params", "answer", "created_at"]
    readonly_fields = fields

    @display(description=gettext_lazy("finding"))
    def sentence(self, finding):
        return findings.sentence(finding)[:200]

    @display(description=gettext_lazy("severity"), ordering="severity", label=SEVERITIES)
    def coloured_severity(self, finding):
        return finding.severity, finding.get_severity_display()


class ForbiddenForm(forms.ModelForm):
    class Meta:
        model = ForbiddenHash
        fields = ["sha256", "reason"]

    def clean_sha256(self):
        value = self.cleaned_data["sha256"].strip().lower()
        if not re.fullmatch(r"[0-9a-f]{64}", value):
            raise ValidationError(_("Write the 64 hexadecimal digits of a SHA-256."))
        return value


@admin.register(ForbiddenHash)
class ForbiddenHashAdmin(BackOfficeAdmin):
    form = ForbiddenForm
    list_display = ["sha256", "reason", "added_by", "created_at"]
    list_select_related = ["added_by"]
    search_fields = ["sha256", "reason"]

    def save_model(self, request, obj, form, change):
        obj.added_by = obj.added_by or request.user
        super().save_model(request, obj, form, change)


@admin.register(Upload)
class UploadAdmin(FixedAdmin):
    list_display = ["name", "owner", "state", "arrived", "version", "expires_at", "updated_at"]
    list_filter = ["state", "created_at"]
    list_select_related = ["owner", "version__card"]
    search_fields = ["name", "owner__username"]
    fields = ["id", "name", "owner", "version", "file", "role", "state", "error_code", "arrived", "expires_at"]
    readonly_fields = fields

    @display(description=gettext_lazy("received"))
    def arrived(self, upload):
        return f"{megabytes(upload.offset)} / {megabytes(upload.length)}"
