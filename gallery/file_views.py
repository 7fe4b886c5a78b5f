"""The bytes of pictures. Every request is asked whether this viewer may see the picture; no path is open."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from gallery.models import Picture

# Browsers and proxies may keep what everybody may see, then have to ask: it may have been hidden or taken back.
PUBLIC = "public, max-age=3600"
PRIVATE = "private, no-cache"


@require_safe
def file(request, picture_id):
    """The original PNG, with its recipe inside; `?download=1` saves it under a readable name."""
    picture = visible(request, picture_id)
    response = answer(request, picture, picture.path, "image/png", picture.sha256)
    if request.GET.get("download"):
        response.headers["Content-Disposition"] = content_disposition_header(True, file_name(picture))
    return response


@require_safe
def preview(request, picture_id, width):
    picture = visible(request, picture_id)
    if width not in picture.preview_widths:
        raise Http404
    return answer(request, picture, picture.preview_path(width), "image/webp", f"{picture.sha256}-{width}")


def visible(request, picture_id):
    return get_object_or_404(Picture.objects.visible_to(request.user).select_related("recipe"), pk=picture_id)


def answer(request, picture, path, content_type, tag):
    etag = f'"{tag}"'
    response = get_conditional_response(request, etag) or HttpResponse(content_type=content_type)
    if response.status_code == 200 and request.method != "HEAD":
        response.content = read(path)
    response.headers["ETag"] = etag
    public = picture.visibility == Picture.Visibility.PUBLIC and not picture.is_hidden
    response.headers["Cache-Control"] = PUBLIC if public else PRIVATE
    return response


def read(path):
    """A picture has a few hundred kilobytes: one read is cheaper than a stream."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Http404 from None


def file_name(picture):
    """Such as `a red apple-7.png`."""
    words = "".join(mark if mark.isalnum() or mark in " -_" else " " for mark in picture.alt)
    name = Truncator(" ".join(words.split())).chars(60, truncate="") or str(picture.pk)
    seed = f"-{picture.recipe.seed}" if hasattr(picture, "recipe") else ""
    return f"{name.strip()}{seed}.png"
