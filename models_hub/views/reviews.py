"""Reviews on a model's page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from models_hub import reviews, shelf
from models_hub.forms import ReviewForm
from models_hub.models import ModelVersion, Review
from models_hub.views import page as pages
from visionary.common.exceptions import DomainError

PER_PAGE = 30


def version_of(user, slug, version_id):
    versions = ModelVersion.objects.visible_to(user).filter(card__in=shelf.readable(user), card__slug=slug)
    return get_object_or_404(versions.select_related("card"), pk=version_id)


def place(version):
    """Where the reviews stand on the model's page."""
    return f"{version.card.get_absolute_url()}?version={version.pk}#reviews"


@require_GET
def listed(request, slug, version_id):
    """All reviews of a version."""
    version = version_of(request.user, slug, version_id)
    page = Paginator(reviews.shown(version).select_related("user__profile"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "models_hub/reviews.html", {"card": version.card, "version": version, "page": page})


@login_required
def write(request, slug, version_id):
    """Write one's review, or change it; what was typed stays when it is refused."""
    version = version_of(request.user, slug, version_id)
    form = ReviewForm(request.POST)
    if request.method != "POST":  # whoever was asked to sign in first comes back with a GET
        return redirect(place(version))
    if form.is_valid():
        try:
            reviews.write(version=version, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Your review is there. Thank you."))
            return redirect(place(version))
    card = pages.found(request.user, slug)
    context = pages.page_of(request, card, pages.chosen(card, str(version.pk)), form)
    return render(request, "models_hub/model.html", context, status=422)


@login_required
@require_POST
def act(request, slug, review_id, deed):
    """Delete one's own review; moderators hide and show any."""
    review = get_object_or_404(Review.objects.select_related("version__card"), pk=review_id, version__card__slug=slug)
    service = {"delete": reviews.delete, "hide": reviews.hide, "unhide": reviews.unhide}[deed]
    try:
        service(review=review, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(place(review.version))
