"""Paging for endless lists: a cursor costs the same on page 1 and on page 1,000."""

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """Newest first; the id settles equal times, so that no row is shown twice or skipped."""

    ordering = ("-created_at", "-id")
    page_size_query_param = "page_size"
    max_page_size = 100
