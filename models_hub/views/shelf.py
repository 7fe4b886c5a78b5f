"""The list of models."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from models_hub import shelf
from models_hub.forms import ModelsForm
from visionary.common import guest_pages


@require_GET
@guest_pages.remembered
def models(request):
    """The published models. `part=1` answers with the next ones only, for endless scroll."""
    form = ModelsForm(request.GET)
    page = shelf.page_of(form, request.user, request.GET.get("cursor", ""))
    context = {
        "form": form,
        "chosen": form.values(),
        "sort": form.sort_by(),
        "page": page,
        "blurs": blurs(request.user),
    }
    if request.GET.get("part"):
        return render(request, "models_hub/_shelf.html", context)
    context |= {"families": shelf.families(), "tags": shelf.popular_tags()}
    return render(request, "models_hub/models.html", context)


def blurs(user):
    """Whether this reader wants covers of mature models blurred."""
    return user.is_authenticated and hasattr(user, "profile") and user.profile.blurs_mature
