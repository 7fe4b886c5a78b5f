"""Models, versions and samples in the back office. Weights come in by uploads and by `manage.py add_model`."""

from django.contrib import admin
from django.contrib.admin import EmptyFieldListFilter
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from models_hub import states
from models_hub.models import ModelCard, ModelFile, ModelSample, ModelVersion
from visionary.common.back_office import BackOfficeAdmin, FixedInline, TabularInline, megabytes, thumbnail

COLOURS = {"published": "success", "waiting": "warning", "rejected": "danger", "withdrawn": "danger"}
COLOURS |= {"ready": "primary", "draft": "info", "inspecting": "info"}


def sample_thumbnail(sample, big=False):
    if sample is None:
        return thumbnail("", "")
    address = reverse("models_hub:sample", args=[sample.version.card.slug, sample.pk])
    return thumbnail(address, sample.prompt, big)


class VersionInline(FixedInline):
    model = ModelVersion
    fields = ["name", "status", "layout", "size_text", "sha256", "created_at"]
    show_change_link = True

    @display(description=gettext_lazy("size"))
    def size_text(self, version):
        return megabytes(version.size)


class FileInline(FixedInline):
    model = ModelFile
    fields = ["name", "role", "state", "size", "sha256"]


class SampleInline(TabularInline):
    model = ModelSample
    fields = ["shown", "image", "prompt", "seed", "position", "is_waiting"]
    readonly_fields = ["shown"]
    extra = 0

    def get_queryset(self, request):
        return ModelSample.everything.all()

    @display(description=gettext_lazy("picture"))
    def shown(self, sample):
        return sample_thumbnail(sample if sample.pk else None)


@admin.register(ModelCard)
class ModelCardAdmin(BackOfficeAdmin):
    list_display = ["cover", "name", "kind", "family", "state", "n_versions", "owner", "updated_at"]
    list_display_links = ["cover", "name"]
    list_filter = ["status", "kind", "family", ("deleted_at", EmptyFieldListFilter)]
    list_select_related = ["owner"]
    search_fields = ["name", "name_zh", "slug"]
    autocomplete_fields = ["owner"]
    # What states.py keeps equal to the versions is not set by hand.
    readonly_fields = ["status", "deleted_at", "published_at", "last_version_at", "created_at", "updated_at"]
    inlines = [VersionInline]
    actions = ["restore", "withdraw", "trash"]

    def get_queryset(self, request):
        cards = super().get_queryset(request).annotate(versions_count=Count("versions"))
        return cards.prefetch_related("versions__samples")

    def has_add_permission(self, request):
        return False

    @display(description="")
    def cover(self, card):
        return sample_thumbnail(next((one for version in card.versions.all() for one in version.samples.all()), None))

    @display(
        description=gettext_lazy("status"),
        ordering="status",
        label={"published": "success", "draft": "info", "withdrawn": "danger"},
    )
    def state(self, card):
        return card.status, _("In the trash") if card.deleted_at else card.get_status_display()

    @display(description=gettext_lazy("versions"), ordering="versions_count")
    def n_versions(self, card):
        return card.versions_count

    def has_delete_permission(self, request, obj=None):
        return False  # the trash, then states.purge: files go with the rows

    @admin.action(description=gettext_lazy("Bring back"), permissions=["change"])
    def restore(self, request, cards):
        self.each(request, cards, lambda card: states.restore(card, request.user), _("%(number)d brought back."))

    @admin.action(description=gettext_lazy("Withdraw: no new jobs"), permissions=["change"])
    def withdraw(self, request, cards):
        reason = _("Withdrawn by a moderator.")
        self.each(request, cards, lambda card: states.withdraw(card, request.user, reason), _("%(number)d withdrawn."))

    @admin.action(description=gettext_lazy("Put in the trash"), permissions=["change"])
    def trash(self, request, cards):
        self.each(request, cards, lambda card: states.trash(card, request.user), _("%(number)d put in the trash."))


@admin.register(ModelVersion)
class ModelVersionAdmin(BackOfficeAdmin):
    list_display = ["card", "name", "state", "layout", "size_text", "short_hash", "created_at"]
    list_display_links = ["card", "name"]
    list_filter = ["status", "taken_down", "layout", "card__kind", "card__family"]
    list_select_related = ["card"]
    search_fields = ["card__name", "name", "sha256", "path"]
    # What the worker checks and loads is written by the program alone.
    readonly_fields = ["card", "status", "reason", "layout", "path", "sha256", "size_text", "created_at"]
    actions = ["withdraw", "restore"]
    fields = [*readonly_fields, "name", "notes", "trigger_words", "settings", "example_prompts"]
    inlines = [FileInline, SampleInline]

    def has_add_permission(self, request):
        return False

    @display(description=gettext_lazy("size"), ordering="size")
    def size_text(self, version):
        return megabytes(version.size)

    def has_delete_permission(self, request, obj=None):
        return False

    @display(description=gettext_lazy("status"), ordering="status", label=COLOURS)
    def state(self, version):
        return version.status, version.get_status_display()

    @display(description="SHA-256")
    def short_hash(self, version):
        return (version.sha256 or "")[:12] or "–"

    @admin.action(description=gettext_lazy("Withdraw: no new jobs"), permissions=["change"])
    def withdraw(self, request, versions):
        reason = _("Withdrawn by a moderator.")
        self.each(request, versions, lambda one: states.withdraw(one, request.user, reason), _("%(number)d withdrawn."))

    @admin.action(description=gettext_lazy("Bring back"), permissions=["change"])
    def restore(self, request, versions):
        self.each(request, versions, lambda one: states.restore(one, request.user), _("%(number)d brought back."))


@admin.register(ModelSample)
class ModelSampleAdmin(BackOfficeAdmin):
    list_display = ["shown", "prompt", "version", "seed", "position", "is_waiting"]
    list_filter = ["is_waiting"]
    actions = ["approve"]
    list_display_links = ["shown", "prompt"]
    list_select_related = ["version__card"]
    search_fields = ["prompt", "version__card__name"]
    autocomplete_fields = ["version"]
    readonly_fields = ["large"]

    def get_queryset(self, request):
        return ModelSample.everything.order_by("-is_waiting", "position", "id")

    @display(description="")
    def shown(self, sample):
        return sample_thumbnail(sample)

    @display(description=gettext_lazy("picture"))
    def large(self, sample):
        return sample_thumbnail(sample if sample.pk else None, big=True)

    @admin.action(description=gettext_lazy("Publish"), permissions=["view"])
    def approve(self, request, samples):
        self.each(request, samples, lambda one: states.approve_sample(one, request.user), _("%(number)d published."))
