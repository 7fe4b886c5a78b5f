"""The moderators' queue: versions that wait, oldest first, with all that is known of them on one page."""

from django import forms
from django.contrib import admin, messages
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget

from models_hub import findings, states
from models_hub.admin.cards import sample_thumbnail
from models_hub.admin.files import forbid
from models_hub.models import ModelVersion, WaitingVersion
from visionary.common.back_office import FixedAdmin, megabytes
from visionary.common.exceptions import DomainError

HASHES = ("SHA256", "AutoV2", "AutoV3", "BLAKE3", "CRC32")


class VerdictForm(forms.ModelForm):
    """What the owner reads when a version is sent back."""

    verdict = forms.CharField(
        label=gettext_lazy("Reason for the owner"),
        max_length=states.MAX_REASON,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("Needed when you send it back."),
    )

    class Meta:
        model = WaitingVersion
        fields: list[str] = []


@admin.register(WaitingVersion)
class WaitingVersionAdmin(FixedAdmin):
    form = VerdictForm
    list_display = ["cover", "card", "name", "kind", "family", "owner", "n_findings", "size_text", "created_at"]
    list_display_links = ["cover", "card", "name"]
    list_filter = ["card__kind", "card__family"]
    list_select_related = ["card__owner"]
    search_fields = ["card__name", "name", "card__owner__username"]
    ordering = ["created_at", "pk"]
    actions = ["approve"]
    actions_submit_line = ["approve_this", "reject_this", "forbid_this"]
    SHOWN = ["card", "name", "owner", "kind", "family", "licence", "about", "words", "files_shown", "samples_shown"]
    readonly_fields = SHOWN
    fields = [*SHOWN, "verdict"]

    def get_queryset(self, request):
        waiting = super().get_queryset(request)
        return waiting.prefetch_related("samples__version__card", "files__findings", "files__hashes")

    # Who may change versions is the queue's moderator; the proxy has no permissions of its own to give.
    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("models_hub.view_modelversion")

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm("models_hub.change_modelversion")

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    @display(description="")
    def cover(self, version):
        return sample_thumbnail(next(iter(version.samples.all()), None))

    @display(description=gettext_lazy("owner"))
    def owner(self, version):
        return version.card.owner

    @display(description=gettext_lazy("kind"))
    def kind(self, version):
        return version.card.get_kind_display()

    @display(description=gettext_lazy("family"))
    def family(self, version):
        return version.card.family

    @display(description=gettext_lazy("licence"))
    def licence(self, version):
        return version.card.licence or "–"

    @display(description=gettext_lazy("description"))
    def about(self, version):
        return "\n".join(filter(None, (version.card.description[:2000], version.notes[:2000]))) or "–"

    @display(description=gettext_lazy("trigger words"))
    def words(self, version):
        return ", ".join(version.trigger_words) or "–"

    @display(description=gettext_lazy("findings"))
    def n_findings(self, version):
        return sum(len(file.findings.all()) for file in version.files.all())

    @display(description=gettext_lazy("size"))
    def size_text(self, version):
        return megabytes(sum(file.size for file in version.files.all()))

    @display(description=gettext_lazy("files"))
    def files_shown(self, version):
        return format_html_join("", "{}", ((described(file),) for file in version.files.all())) or "–"

    @display(description=gettext_lazy("sample pictures"))
    def samples_shown(self, version):
        return format_html_join(" ", "{}", ((sample_thumbnail(one, big=True),) for one in version.samples.all())) or "–"

    @admin.action(description=gettext_lazy("Publish"), permissions=["change"])
    def approve(self, request, versions):
        self.each(request, versions, lambda one: states.approve(plain(one), request.user), _("%(number)d published."))

    @action(description=gettext_lazy("Publish"), permissions=["change"], variant=ActionVariant.PRIMARY)
    def approve_this(self, request, version):
        self.approve(request, [version])

    @action(description=gettext_lazy("Send back"), permissions=["change"])
    def reject_this(self, request, version):
        reason = request.POST.get("verdict", "")
        self.each(
            request, [version], lambda one: states.reject(plain(one), request.user, reason), _("%(number)d sent back.")
        )

    @action(description=gettext_lazy("Send back and forbid its files"), permissions=["change"])
    def forbid_this(self, request, version):
        if not request.user.has_perm("models_hub.add_forbiddenhash"):
            self.message_user(request, _("You may not forbid files."), messages.WARNING)
            return
        reason, files = request.POST.get("verdict", ""), list(version.files.all())
        try:
            states.reject(plain(version), request.user, reason)
        except DomainError as error:
            self.message_user(request, str(error), messages.WARNING)
            return
        number = sum(forbid(file, request.user, reason) for file in files)
        sentence = _("1 sent back, %(number)d files forbidden.") % {"number": number}
        self.log_change(request, version, sentence)
        self.message_user(request, sentence, messages.SUCCESS)

    def response_change(self, request, obj):
        """To the next one; to the same page when nothing came of it."""
        from django.http import HttpResponseRedirect
        from django.urls import reverse

        if self.get_queryset(request).filter(pk=obj.pk).exists():
            return super().response_change(request, obj)
        return HttpResponseRedirect(reverse("admin:models_hub_waitingversion_changelist"))


def plain(version):
    return ModelVersion.objects.select_related("card__owner").get(pk=version.pk)


def described(file):
    """Name, facts, findings and hashes of a file."""
    facts = ", ".join(
        f"{name}: {value}" for name, value in sorted(file.facts.items()) if isinstance(value, str | int) and value
    )
    said = [(findings.sentence(finding), finding.answer and f" → {finding.answer}") for finding in file.findings.all()]
    sums = [(one.kind, one.value) for one in file.hashes.all()]
    return format_html(
        "<p><strong>{}</strong> {} ({})</p><p>{}</p><ul>{}</ul><ul>{}</ul>",
        file.name,
        megabytes(file.size),
        file.get_state_display(),
        facts,
        format_html_join("", "<li>{}{}</li>", said),
        format_html_join("", "<li>{} <code>{}</code></li>", sums),
    )
