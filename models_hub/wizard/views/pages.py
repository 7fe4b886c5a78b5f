"""The steps themselves."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from models_hub import markdown
from models_hub.models import ModelCard
from models_hub.uploads import quotas
from models_hub.uploads.services import refuse_sanctioned
from models_hub.wizard import access, forms, listing, samples, services, steps
from visionary.common import unavailable
from visionary.common.exceptions import DomainError

MAX_PREVIEW = 20_000  # characters


@login_required
@require_http_methods(["GET", "POST"])
def new(request):
    """The first two questions; then there is a draft."""
    mine = ModelCard.objects.alive().filter(owner=request.user)
    form = forms.StartForm(request.POST or None, initial={"kind": ModelCard.Kind.LORA})
    if request.method == "POST" and form.is_valid():
        like = mine.filter(slug=request.POST.get("like", "")).first()
        try:
            with unavailable.told():
                card = services.start(owner=request.user, like=like, **form.cleaned_data)
            return redirect("models_hub:edit", card.slug, "model")
        except DomainError as error:
            form.add_error(None, str(error))
    context = {"form": form, "earlier": mine.order_by("-updated_at")[:20], "like": request.POST.get("like", "")}
    return render(request, "models_hub/wizard/new.html", context)


@login_required
def resume(request, slug):
    """To the step where something is still missing."""
    version = access.version_of(request, slug)
    return redirect(steps.url(version, steps.where_left(version)))


@login_required
@require_http_methods(["GET", "POST"])
def edit(request, slug, step):
    if step not in steps.NAMES:
        raise Http404
    version = access.version_of(request, slug)
    return PAGES[step](request, version)


def model_step(request, version):
    return form_step(request, version, "model", forms.ModelForm, version.card)


def version_step(request, version):
    return form_step(request, version, "version", forms.VersionForm, version)


def form_step(request, version, step, form_class, row):
    """Show the form; save what is valid, also while the rest is not."""
    if request.method == "GET":
        return shown(request, version, step, form=form_class(instance=row))
    form = form_class(request.POST, instance=row)
    try:
        refuse_sanctioned(request.user)
        with unavailable.told():
            form.save_valid()
    except DomainError as error:
        form.add_error(None, str(error))
    if access.is_htmx(request):
        return render(request, "models_hub/wizard/_saved.html", {"form": form, "now": timezone.now()})
    if form.errors:
        return shown(request, version, step, form=form)
    return redirect(steps.url(version, steps.following(step)))


def files_step(request, version):
    return shown(request, version, "files", **listing.files_of(version, request.user))


def samples_step(request, version):
    return shown(request, version, "samples", samples=samples.of(version))


def publish_step(request, version):
    return shown(request, version, "publish")


PAGES = {
    "model": model_step,
    "version": version_step,
    "files": files_step,
    "samples": samples_step,
    "publish": publish_step,
}


def shown(request, version, step, **context):
    context |= {
        "card": version.card,
        "version": version,
        "step": step,
        "steps": steps.row(version, step),
        "next": steps.url(version, steps.following(step)),
        "is_over": steps.is_over(version),
        "usage": quotas.usage(version.card.owner or request.user),
        "versions": version.card.versions.all()[:50],
    }
    return render(request, f"models_hub/wizard/{step}.html", context)


@login_required
@require_POST
def preview(request):
    """A description as readers will see it."""
    text = next((value for name, value in request.POST.items() if name.startswith(("description", "notes"))), "")
    return HttpResponse(markdown.html(text[:MAX_PREVIEW]) or _("Nothing is written yet."))
