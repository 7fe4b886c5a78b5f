"""Sample pictures of models, for those who may see the model."""

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from accounts import roles
from models_hub import shelf
from models_hub.models import ModelCard, ModelSample, ModelVersion

# Browsers and proxies may keep what everybody may see, then have to ask: the model may have been withdrawn.
SAMPLE_CACHE = "public, max-age=3600"
PRIVATE = "private, no-cache"


@require_safe
def sample(request, slug, sample_id):
    """A sample picture, for those who may see its version."""
    versions = ModelVersion.objects.visible_to(request.user).filter(card__slug=slug)
    cards = shelf.readable(request.user)
    found = get_object_or_404(offered(request.user), pk=sample_id, version__in=versions, version__card__in=cards)
    etag = f'"{found.pk}-{found.image.name}"'
    response = get_conditional_response(request, etag) or HttpResponse(read(found), content_type=mime(found))
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = SAMPLE_CACHE if is_for_all(found) else PRIVATE
    return response


def offered(user):
    """Samples without those that wait for a moderator, but for their owner and for moderators."""
    if not user.is_authenticated:
        return ModelSample.objects.all()
    if roles.is_moderator(user):
        return ModelSample.everything.all()
    return ModelSample.everything.filter(Q(is_waiting=False) | Q(version__card__owner=user))


def is_for_all(found):
    """Whether guests see it too."""
    if found.is_waiting:
        return False
    general = ModelVersion.objects.published().filter(card__content_level=ModelCard.ContentLevel.GENERAL)
    return general.filter(pk=found.version_id).exists()


def read(found):
    try:
        with found.image.open("rb") as file:
            return file.read()
    except FileNotFoundError:
        raise Http404 from None


def mime(found):
    return "image/webp" if found.image.name.endswith(".webp") else "image/png"
