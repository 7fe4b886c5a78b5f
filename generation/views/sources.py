"""Pictures to start from: taken in, and shown to their owner."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gallery.models import Picture
from generation.asking import sources
from generation.limits import BadValue
from generation.models import Source
from visionary.common import decoding, streaming, unavailable
from visionary.common.exceptions import DomainError


@require_POST
def create(request):
    """Take in `file` (multipart) or a copy of `picture` (id). Answers {id, url, width, height} or {code, message}."""
    try:
        if not request.user.is_authenticated:
            raise DomainError(_("Sign in to start from a picture."), code="not_authenticated", status=401)
        with unavailable.told():
            source = take_in(request.user, request.FILES.get("file"), request.POST)
    except DomainError as error:
        return refusal(error)
    return JsonResponse(described(source), status=201)


@require_POST
@login_required
def crop(request, source_id):
    """Take in a part of a source: `left`, `top`, `width`, `height` in its pixels. Answers as `create` does."""
    source = get_object_or_404(Source.objects.for_user(request.user), pk=source_id)
    try:
        part = sources.crop(source=source, **box_of(request.POST))
    except DomainError as error:
        return refusal(error)
    return JsonResponse(described(part), status=201)


def box_of(asked):
    """{"left", "top", "width", "height"} as whole numbers. Raises BadValue."""
    try:
        return {name: int(asked.get(name, "")) for name in ("left", "top", "width", "height")}
    except ValueError:
        raise BadValue(_("Crop: give left, top, width and height in whole pixels."), field="left") from None


def take_in(user, file, asked):
    """The Source for an upload, or for the picture `asked` names. Raises DomainError."""
    role = asked.get("role") or Source.Role.SOURCE
    if asked.get("picture"):
        return sources.store_source(owner=user, picture=named(user, asked["picture"]), role=role)
    if file is not None and file.size > decoding.MAX_BYTES:
        raise decoding.too_big()
    data = file.read() if file is not None else b""
    like = sources.owned(user, asked["source"]) if asked.get("source") else None
    return sources.store_source(owner=user, data=data, role=role, like=like)


def named(user, key):
    """The picture of the site with this id. Raises BadSource for one that `user` may not see, as for none."""
    found = Picture.objects.visible_to(user).filter(pk=sources.uuid_of(key)).first()
    if found is None:
        raise sources.no_such_picture()
    return found


def described(source):
    return {
        "id": str(source.pk),
        "url": source.get_absolute_url(),
        "width": source.width,
        "height": source.height,
        "role": source.role,
        "picture": str(source.picture_id) if source.picture_id else None,
    }


def refusal(error):
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    body = {"code": error.code, "message": str(error), "field": error.field, "retry_after": error.retry_after}
    return JsonResponse(body, status=error.status, headers=headers)


@login_required
@require_safe
def file(request, source_id):
    """The PNG, for its owner alone."""
    source = get_object_or_404(Source.objects.for_user(request.user), pk=source_id)
    try:
        response = streaming.file_response(request, source.path, content_type="image/png", etag=source.sha256)
    except FileNotFoundError:
        raise Http404 from None
    response.headers["Cache-Control"] = "private, no-cache"
    return response
