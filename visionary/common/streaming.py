"""Files as answers: in parts, resumable, in constant memory whatever their size.

Django's FileResponse knows no Range, so that a broken download of 7 GB starts again from nothing.
"""

import re
from pathlib import Path

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, parse_http_date_safe

CHUNK = 256 * 1024
# One range only: what players and download managers ask for. Several at once get the whole file, as RFC 9110 allows.
# No file has a place of 19 digits; Python refuses to read numbers of thousands.
RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class Unsatisfiable(Exception):
    """The range asked for lies outside the file."""


def file_response(request, path: Path, *, content_type, filename=None, attachment=False, etag=None):
    """Answer with the file at `path`: 200, 206, 304, 412 or 416, as the request's headers ask.

    `etag` (unquoted) should be the content's hash where it is known; by default size and time stand in for it.
    `filename` is the name offered for saving. Raises FileNotFoundError.
    """
    file = path.open("rb")
    try:
        stat = path.stat()
        tag = f'"{etag or f"{stat.st_mtime_ns:x}-{stat.st_size:x}"}"'
        modified = int(stat.st_mtime)
        response = get_conditional_response(request, etag=tag, last_modified=modified)
        response = response or ranged(request, file, stat.st_size, tag, modified)
    except BaseException:
        file.close()
        raise
    if not response.streaming:
        file.close()
    for name, value in {"ETag": tag, "Last-Modified": http_date(modified), "Accept-Ranges": "bytes"}.items():
        response[name] = value
    if response.status_code in {200, 206}:
        response["Content-Type"] = content_type
        if disposition := content_disposition_header(attachment, filename):
            response["Content-Disposition"] = disposition
    return response


def ranged(request, file, size, tag, modified):
    if request.method == "HEAD":
        # Not even read: under ASGI a stream would be, from end to end, for nobody.
        return HttpResponse(headers={"Content-Length": size})
    try:
        part = wanted(request, size, tag, modified)
    except Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    first, last = part or (0, size - 1)
    # The response closes what it iterates over, also when it is never read.
    response = StreamingHttpResponse(Pieces(file, first, last - first + 1), status=206 if part else 200)
    response["Content-Length"] = last - first + 1
    if part:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def wanted(request, size, tag, modified):
    """The first and last byte asked for, or None for all of them. Raises Unsatisfiable."""
    asked = RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if request.method != "GET" or not asked or asked[0] == "bytes=-" or not still_same(request, tag, modified):
        return None
    first, last = asked.groups()
    if not first:
        first, last = max(size - int(last), 0), size - 1 if int(last) else -1
    else:
        first, last = int(first), min(int(last or size), size - 1)
        if asked[2] and int(asked[2]) < first:
            return None  # not a valid range at all: ignored, says RFC 9110
    if first > last or first >= size:
        raise Unsatisfiable
    return first, last


def still_same(request, tag, modified):
    """True unless If-Range names another state of the file than the present one."""
    condition = request.headers.get("If-Range")
    if not condition:
        return True
    return condition == tag if condition.startswith('"') else parse_http_date_safe(condition) == modified


class Pieces:
    """`length` bytes of `file` from byte `first` on, a piece at a time."""

    def __init__(self, file, first, length):
        file.seek(first)
        self.file, self.left, self.close = file, length, file.close

    def __iter__(self):
        return self

    def __next__(self):
        piece = self.file.read(min(CHUNK, self.left))
        if not piece:
            raise StopIteration
        self.left -= len(piece)
        return piece
