"""The bytes of avatars and covers. Their names are random and never used twice, so browsers may keep them for good."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from accounts import portraits

FOR_GOOD = "public, max-age=31536000, immutable"


@require_safe
def file(request, kind, key, size):
    path = portraits.path(f"{kind}/{key[:2]}/{key}", size)
    try:
        answer = HttpResponse(path.read_bytes(), content_type="image/webp")
    except FileNotFoundError:
        raise Http404 from None
    answer["Cache-Control"] = FOR_GOOD
    return answer
