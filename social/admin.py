"""Likes and comments in the back office."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from gallery.admin import picture_thumbnail
from social import commenting, services
from social.models import Comment, Like
from visionary.common.back_office import BackOfficeAdmin, FixedAdmin


@admin.register(Like)
class LikeAdmin(BackOfficeAdmin):
    list_display = ["shown", "user", "named", "created_at"]
    list_display_links = ["shown", "named"]
    list_filter = ["created_at"]
    list_select_related = ["user", "picture__recipe"]
    search_fields = ["user__username", "picture__title", "picture__id"]
    fields = ["user", "picture", "created_at"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def delete_model(self, request, like):
        services.unlike(picture=like.picture, by=like.user)

    def delete_queryset(self, request, likes):
        for like in likes.select_related("picture", "user"):
            services.unlike(picture=like.picture, by=like.user)

    @display(description="")
    def shown(self, like):
        return picture_thumbnail(like.picture)

    @display(description=gettext_lazy("picture"))
    def named(self, like):
        return like.picture.alt[:60] or str(like.picture_id)


@admin.register(Comment)
class CommentAdmin(FixedAdmin):
    """Comments are read and hidden here; their words are their authors' alone."""

    list_display = ["words", "author", "about", "standing", "created_at"]
    list_filter = ["is_hidden", "created_at"]
    list_select_related = ["author", "picture__recipe", "card"]
    search_fields = ["text", "author__username", "card__name"]
    actions = ["hide", "show"]
    readonly_fields = ["text", "author", "picture", "card", "parent", "is_hidden", "hidden_by"]
    readonly_fields += ["created_at", "edited_at", "deleted_at"]
    fields = readonly_fields

    @display(description=gettext_lazy("text"))
    def words(self, comment):
        return comment.text[:80] or "–"

    @display(description=gettext_lazy("about"))
    def about(self, comment):
        return comment.card.name if comment.card else comment.picture.alt[:60] or str(comment.picture_id)

    @display(
        description=gettext_lazy("standing"),
        ordering="is_hidden",
        label={"shown": "success", "hidden": "danger", "deleted": ""},
    )
    def standing(self, comment):
        if comment.deleted_at:
            return "deleted", _("deleted")
        return ("hidden", _("hidden")) if comment.is_hidden else ("shown", _("shown"))

    @admin.action(description=gettext_lazy("Hide from everybody but author and owner"), permissions=["change"])
    def hide(self, request, comments):
        self.each(request, comments, lambda row: commenting.hide(comment=row, by=request.user), _("%(number)d hidden."))

    @admin.action(description=gettext_lazy("Show again"), permissions=["change"])
    def show(self, request, comments):
        self.each(
            request, comments, lambda row: commenting.unhide(comment=row, by=request.user), _("%(number)d shown again.")
        )
