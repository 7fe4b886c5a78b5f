"""The pages of the model hub."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_GET, require_safe

from models_hub.forms import ModelsForm
from models_hub.models import ModelCard, ModelSample
from visionary.common import guest_pages

# Browsers and proxies may keep what everybody may see, then have to ask: the model may have been withdrawn.
SAMPLE_CACHE = "public, max-age=3600"
PRIVATE = "private, no-cache"


@require_GET
@guest_pages.remembered
def models(request):
    form = ModelsForm(request.GET)
    cards = form.apply(ModelCard.objects.published().with_cover())
    return render(request, "models_hub/models.html", {"form": form, "chosen": form.values(), "cards": cards[:200]})


@require_GET
@guest_pages.remembered
def model(request, slug):
    cards = ModelCard.objects.visible_to(request.user).select_related("owner")
    card = get_object_or_404(cards.prefetch_related("versions__samples", "versions__files"), slug=slug)
    versions = list(card.versions.all())
    wanted = request.GET.get("version", "")
    version = next((version for version in versions if str(version.pk) == wanted), versions[0] if versions else None)
    return render(request, "models_hub/model.html", {"card": card, "version": version, "versions": versions})


@require_safe
def sample(request, slug, sample_id):
    """A sample picture, for those who may see its model."""
    cards = ModelCard.objects.visible_to(request.user).filter(slug=slug)
    found = get_object_or_404(ModelSample, pk=sample_id, version__card__in=cards)
    etag = f'"{found.pk}-{found.image.name}"'
    response = get_conditional_response(request, etag) or HttpResponse(read(found), content_type=mime(found))
    response.headers["ETag"] = etag
    published = cards.published().exists()
    response.headers["Cache-Control"] = SAMPLE_CACHE if published else PRIVATE
    return response


def read(found):
    try:
        with found.image.open("rb") as file:
            return file.read()
    except FileNotFoundError:
        raise Http404 from None


def mime(found):
    return "image/webp" if found.image.name.endswith(".webp") else "image/png"
