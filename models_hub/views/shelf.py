"""The list of models."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from models_hub.forms import ModelsForm
from models_hub.models import ModelCard
from visionary.common import guest_pages


@require_GET
@guest_pages.remembered
def models(request):
    form = ModelsForm(request.GET)
    cards = form.apply(ModelCard.objects.published().with_cover())
    return render(request, "models_hub/models.html", {"form": form, "chosen": form.values(), "cards": cards[:200]})
