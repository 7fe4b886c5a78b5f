"""My models: the list, and what becomes of whole models."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from models_hub import states
from models_hub.models import ModelCard, ModelVersion
from models_hub.uploads import quotas
from models_hub.wizard import access, listing, services, steps
from visionary.common.exceptions import DomainError

PAGE = 24
KEEP = timedelta(days=30)


@login_required
@require_GET
def mine(request):
    in_trash = request.GET.get("show") == "trash"
    word = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    page = Paginator(listing.mine(request.user, trash=in_trash, word=word), PAGE).get_page(request.GET.get("page"))
    for card in page:
        card.gone_at = card.deleted_at and card.deleted_at + KEEP
    context = {"page": page, "in_trash": in_trash, "word": word, "usage": quotas.usage(request.user)}
    return render(request, "models_hub/wizard/mine.html", context)


@access.deed
def new_version(request, slug):
    version = services.new_version(card=access.card_of(request, slug), by=request.user)
    return redirect(steps.url(version, "version"))


@access.deed
def publish(request, slug):
    """Hand a version in: trusted owners' are public at once, others wait for a moderator."""
    version = access.version_of(request, slug)
    lacking = [sentence for sentences in steps.lacking(version).values() for sentence in sentences]
    if lacking:
        raise DomainError(" ".join(lacking), code="incomplete")
    if not request.POST.get("checked"):
        raise DomainError(_("Tick that you have checked what you say."), code="required", field="checked")
    states.submit(version, by=request.user)
    version.refresh_from_db()
    if version.status == ModelVersion.Status.PUBLISHED:
        messages.success(request, _("%(name)s is public.") % {"name": version})
    else:
        messages.success(request, _("Handed in. A moderator looks at it; you are told what they say."))
    return redirect(steps.url(version, "publish"))


@access.deed
def withdraw(request, slug):
    """Take a public model off the site, with a reason that readers of its page see."""
    card = access.card_of(request, slug)
    reason = request.POST.get("reason", "").replace("\x00", "").strip()
    if not reason:
        raise DomainError(_("Reason: say why; readers of the page see it."), code="required", field="reason")
    states.withdraw(card, by=request.user, reason=reason[:500])
    messages.success(request, _("%(name)s is withdrawn.") % {"name": card})
    return redirect("models_hub:mine")


@access.deed
def trash(request, slug):
    card = access.card_of(request, slug)
    states.trash(card, by=request.user)
    messages.success(request, _("%(name)s is in the trash for 30 days.") % {"name": card})
    return redirect("models_hub:mine")


@access.deed
def restore(request, slug):
    """Bring a model back: out of the trash, or after it was withdrawn."""
    cards = ModelCard.objects.filter(owner=request.user)
    card = get_object_or_404(cards, slug=slug)
    states.restore(card, by=request.user)
    messages.success(request, _("%(name)s is back.") % {"name": card})
    return redirect("models_hub:mine")


@access.deed
def delete_draft(request, slug):
    """Delete a version that was never published."""
    version = access.version_of(request, slug)
    services.delete_draft(version=version, by=request.user)
    return redirect("models_hub:mine")
