"""What all lists of the back office share: their look, and deeds that are counted, logged and told."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from visionary.common.exceptions import DomainError

__all__ = ["BackOfficeAdmin", "FixedAdmin", "FixedInline", "StackedInline", "TabularInline", "megabytes", "thumbnail"]

THUMBNAIL = '<img src="{}" alt="{}" loading="lazy" class="object-cover rounded-default" style="{}">'
SMALL = "width: 3rem; min-width: 3rem; height: 3rem"
BIG = "max-width: 100%; max-height: 24rem"


class BackOfficeAdmin(ModelAdmin):
    """A list of the back office."""

    compressed_fields = True
    list_filter_submit = True
    warn_unsaved_form = True
    list_per_page = 50
    show_full_result_count = False

    def each(self, request, rows, deed, sentence):
        """Do `deed(row)` to each of `rows`: log it, tell how many it changed, and why some it did not.

        `deed` is a service; it may return False for a row that was so already. `sentence` has a %(number)d.
        """
        done = 0
        refused: dict[str, int] = {}
        for row in rows:
            try:
                if deed(row) is not False:
                    self.log_change(request, row, sentence % {"number": 1})
                    done += 1
            except DomainError as error:
                refused[str(error)] = refused.get(str(error), 0) + 1
        self.message_user(request, sentence % {"number": done}, messages.SUCCESS if done else messages.INFO)
        for reason, number in refused.items():
            text = _("%(number)d left as they were: %(reason)s") % {"number": number, "reason": reason}
            self.message_user(request, text, messages.WARNING)


class FixedAdmin(BackOfficeAdmin):
    """Rows that only the program makes and changes: looked at here, and acted on by buttons (actions_submit_line)."""

    NO_SAVING = {"show_save": False, "show_save_and_continue": False, "show_save_and_add_another": False}

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **self.NO_SAVING})

    def save_model(self, request, obj, form, change):
        """Do what the pressed button says. The row is not saved: that would write over what others do meanwhile."""
        for button in self.get_actions_submit_line(request, obj.pk):
            if button.action_name in request.POST:
                button.method(request, obj)

    def log_change(self, request, obj, message):
        return super().log_change(request, obj, message) if message else None

    def response_change(self, request, obj):
        return HttpResponseRedirect(request.path)


class FixedInline(TabularInline):
    extra = 0
    can_delete = False

    def get_readonly_fields(self, request, obj=None):
        return self.fields

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


def thumbnail(address, alt, big=False):
    """A small picture for a list (or a larger one for a page); a dash where there is none."""
    return format_html(THUMBNAIL, address, alt, BIG if big else SMALL) if address else "–"


def megabytes(size):
    return f"{size / 1_000_000:.1f} MB"
