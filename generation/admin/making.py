"""Sources and grids in the back office: looked at, never changed."""

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from generation.models import JobGroup, Source
from visionary.common.back_office import FixedAdmin


@admin.register(Source)
class SourceAdmin(FixedAdmin):
    """What people upload is private: the rows are listed, the pictures are not shown."""

    list_display = ["id", "owner", "role", "sides", "size", "created_at", "used_at"]
    list_filter = ["role", "created_at"]
    list_select_related = ["owner"]
    search_fields = ["id", "owner__username"]
    readonly_fields = ["id", "owner", "role", "picture", "sides", "size", "sha256", "created_at", "used_at"]
    fields = readonly_fields

    @display(description=gettext_lazy("size"))
    def sides(self, source):
        return f"{source.width} × {source.height}"


@admin.register(JobGroup)
class GridAdmin(FixedAdmin):
    list_display = ["title", "owner", "columns", "rows", "created_at"]
    list_filter = ["created_at"]
    list_select_related = ["owner"]
    search_fields = ["id", "title", "owner__username"]
    readonly_fields = ["id", "owner", "title", "columns", "rows", "created_at"]
    fields = readonly_fields

    @display(description=gettext_lazy("columns"))
    def columns(self, grid):
        return said(grid.x_axis)

    @display(description=gettext_lazy("rows"))
    def rows(self, grid):
        return said(grid.y_axis)


def said(axis):
    """Such as `steps: 10, 20`."""
    return f"{axis['name']}: {', '.join(axis['labels'])}"[:80] if axis else "–"
