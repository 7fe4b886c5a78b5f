"""The guide that a ControlNet would read, asked for and looked at from the form."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from generation.asking import guides
from generation.models import Source
from generation.views.sources import refusal
from visionary.common.exceptions import DomainError


@login_required
@never_cache
def guide(request, source_id, preprocessor):
    """POST: have it drawn. GET: how far it is. Both answer {state, message, url}; url is "" until it is drawn."""
    source = own(request.user, source_id)
    try:
        if request.method == "POST":
            found = guides.ask(source=source, preprocessor=preprocessor)
        else:
            found = guides.look(source, preprocessor)
    except DomainError as error:
        return refusal(error)
    return JsonResponse(described(source, preprocessor, found))


@login_required
@require_safe
def picture(request, source_id, preprocessor):
    """The WebP, for the owner of the source alone."""
    return shown(own(request.user, source_id), preprocessor)


def shown(source, preprocessor):
    image = guides.image(source, preprocessor)
    if image is None:
        raise Http404
    return HttpResponse(image, content_type="image/webp", headers={"Cache-Control": "private, max-age=3600"})


def described(source, preprocessor, found, name="generation:guide-picture"):
    is_done = found["state"] == guides.DONE
    return found | {"url": reverse(name, args=[source.pk, preprocessor]) if is_done else ""}


def own(user, source_id):
    return get_object_or_404(Source.objects.for_user(user), pk=source_id)
