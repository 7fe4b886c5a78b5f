"""Likes in the back office."""

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from gallery.admin import picture_thumbnail
from social import services
from social.models import Like
from visionary.common.back_office import BackOfficeAdmin


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
