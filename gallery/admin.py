"""Pictures in the back office: looked at, hidden and shown again; their files and recipes stay as they are."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from gallery import services, verdicts
from gallery.models import PREVIEW_WIDTHS, Picture, Recipe, Verdict
from visionary.common.back_office import FixedAdmin, FixedInline, StackedInline, megabytes, thumbnail

SMALL, LARGE = PREVIEW_WIDTHS


def picture_thumbnail(picture, width=SMALL):
    """The preview, never the original; the blurred placeholder until it is made, and once it is in the trash."""
    ready = width in picture.preview_widths and not picture.deleted_at
    return thumbnail(picture.preview_url(width) if ready else picture.placeholder, picture.alt, big=width == LARGE)


class InTrash(admin.SimpleListFilter):
    title = gettext_lazy("trash")
    parameter_name = "trash"

    def lookups(self, request, model_admin):
        return [("1", _("In the trash")), ("0", _("Not in the trash"))]

    def queryset(self, request, pictures):
        return pictures.filter(deleted_at__isnull=self.value() == "0") if self.value() in {"0", "1"} else pictures


class RecipeInline(FixedInline, StackedInline):
    model = Recipe
    fields = ["model_name", "version", "prompt", "negative_prompt", "prefix", "negative_prefix", "seed", "steps"]
    fields += ["guidance", "sampler", "width", "height", "upscale", "loras", "facts"]


@admin.register(Picture)
class PictureAdmin(FixedAdmin):
    list_display = ["shown", "named", "owner", "seen_by", "standing", "likes", "dimensions", "created_at"]
    list_display_links = ["shown", "named"]
    list_filter = ["is_hidden", "visibility", InTrash, "created_at"]
    list_select_related = ["owner", "recipe"]
    search_fields = ["id", "title", "owner__username", "recipe__prompt"]
    date_hierarchy = "created_at"
    actions = ["hide", "unhide"]
    actions_submit_line = ["hide_this", "unhide_this"]
    inlines = [RecipeInline]
    readonly_fields = [
        "large",
        "id",
        "title",
        "owner",
        "visibility",
        "standing_text",
        "likes",
        "dimensions",
        "file_size",
    ]
    readonly_fields += ["sha256", "created_at", "published_at", "deleted_at"]
    fields = readonly_fields

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("owner", "recipe")

    def get_actions_submit_line(self, request, object_id):
        """Hide, or Show again: whichever changes something."""
        picture = self.get_object(request, object_id)  # None for what is no id at all
        unfit = "_hide_this" if picture and picture.is_hidden else "_unhide_this"
        return [
            one for one in super().get_actions_submit_line(request, object_id) if not one.action_name.endswith(unfit)
        ]

    @display(description="")
    def shown(self, picture):
        return picture_thumbnail(picture)

    @display(description=gettext_lazy("picture"))
    def large(self, picture):
        return picture_thumbnail(picture, LARGE)

    @display(description=gettext_lazy("title or prompt"), ordering="title")
    def named(self, picture):
        return picture.alt[:60] or str(picture.pk)

    @display(
        description=gettext_lazy("who can see it"),
        ordering="visibility",
        label={"public": "success", "unlisted": "info", "private": ""},
    )
    def seen_by(self, picture):
        return picture.visibility, picture.get_visibility_display()

    @display(description=gettext_lazy("standing"), label={"hidden": "danger", "trash": "warning"})
    def standing(self, picture):
        if picture.is_hidden:
            return "hidden", _("hidden")
        return ("trash", _("in the trash")) if picture.deleted_at else ("", "")

    @display(description=gettext_lazy("standing"))
    def standing_text(self, picture):
        return self.standing(picture)[1] or "–"

    @display(description=gettext_lazy("size"))
    def dimensions(self, picture):
        return f"{picture.width} × {picture.height}"

    @display(description=gettext_lazy("size in bytes"))
    def file_size(self, picture):
        return megabytes(picture.size)

    @admin.action(description=gettext_lazy("Hide from everybody but the owner"), permissions=["change"])
    def hide(self, request, pictures):
        self.set_hidden(request, pictures, services.hide, _("%(number)d hidden."), hidden=True)

    @admin.action(description=gettext_lazy("Show again"), permissions=["change"])
    def unhide(self, request, pictures):
        self.set_hidden(request, pictures, services.unhide, _("%(number)d shown again."), hidden=False)

    def set_hidden(self, request, pictures, service, sentence, *, hidden):
        def deed(picture):
            return picture.is_hidden != hidden and bool(service(picture=picture, by=request.user))

        self.each(request, pictures, deed, sentence)

    @action(description=gettext_lazy("Hide"), permissions=["change"])
    def hide_this(self, request, picture):
        self.hide(request, [picture])

    @action(description=gettext_lazy("Show again"), permissions=["change"])
    def unhide_this(self, request, picture):
        self.unhide(request, [picture])


@admin.register(Verdict)
class VerdictAdmin(FixedAdmin):
    """What the output check was not sure about, for a moderator's eyes."""

    list_display = ["shown", "named", "coloured_decision", "scores_text", "defect", "was_drawn_again", "created_at"]
    list_display_links = ["shown", "named"]
    list_filter = ["decision", "defect", "created_at"]
    list_select_related = ["picture__owner", "picture__recipe"]
    search_fields = ["picture__id", "picture__owner__username"]
    actions = ["clear", "block"]
    readonly_fields = [
        "large",
        "picture",
        "coloured_decision",
        "scores_text",
        "defect",
        "was_drawn_again",
        "created_at",
    ]
    fields = readonly_fields

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("picture__owner", "picture__recipe")

    @display(description="")
    def shown(self, verdict):
        return picture_thumbnail(verdict.picture)

    @display(description=gettext_lazy("picture"))
    def large(self, verdict):
        return picture_thumbnail(verdict.picture, LARGE)

    @display(description=gettext_lazy("title or prompt"))
    def named(self, verdict):
        return verdict.picture.alt[:60] or str(verdict.picture_id)

    @display(
        description=gettext_lazy("decision"),
        ordering="decision",
        label={"clean": "success", "review": "warning", "blocked": "danger"},
    )
    def coloured_decision(self, verdict):
        return verdict.decision, verdict.get_decision_display()

    @display(description=gettext_lazy("scores"))
    def scores_text(self, verdict):
        return ", ".join(f"{name} {value:.2f}" for name, value in verdict.scores.items())

    @admin.action(description=gettext_lazy("Clean: its owner may publish it"), permissions=["change"])
    def clear(self, request, rows):
        self.settle(request, rows, Verdict.Decision.CLEAN)

    @admin.action(description=gettext_lazy("Block: nobody but the staff sees it"), permissions=["change"])
    def block(self, request, rows):
        self.settle(request, rows, Verdict.Decision.BLOCKED)

    def settle(self, request, rows, decision):
        def deed(row):
            return row.decision != decision and verdicts.settle(verdict=row, by=request.user, decision=decision)

        self.each(request, rows, deed, _("%(number)d decided."))
