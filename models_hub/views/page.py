"""The page of one model."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from models_hub.models import ModelCard
from visionary.common import guest_pages


@require_GET
@guest_pages.remembered
def model(request, slug):
    cards = ModelCard.objects.visible_to(request.user).select_related("owner")
    card = get_object_or_404(cards.prefetch_related("versions__samples", "versions__files"), slug=slug)
    versions = list(card.versions.all())
    wanted = request.GET.get("version", "")
    version = next((version for version in versions if str(version.pk) == wanted), versions[0] if versions else None)
    return render(request, "models_hub/model.html", {"card": card, "version": version, "versions": versions})
