"""The generate page and the jobs that it starts."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from generation import services
from generation.asking import prefill, presets
from generation.forms import GenerateForm
from generation.grids import grids
from generation.models import Job
from generation.views import offering, uploads
from generation.watching import progress
from visionary.common import unavailable
from visionary.common.exceptions import DomainError


def generate(request):
    """The form, open to guests too; what a guest sends is kept while they register."""
    if request.method == "POST":
        return submit(request) if request.user.is_authenticated else register_first(request)
    asked, preset = asked_for(request)
    values, loras, source = prefill.initial(asked, request.user)
    form = blank_form(request.user, initial=values)
    return render(request, "generation/generate.html", page(request, form, loras, source) | {"preset": preset})


def asked_for(request):
    """(what the form starts from, one's own preset when it is one): the session, a preset, or the address."""
    if request.GET.get("kept"):
        return prefill.kept(request.session), None
    preset = presets.opened(request.GET, request.user)
    if preset is None:
        return request.GET, None
    form, notes = presets.form_of(preset)
    for note in notes:
        messages.warning(request, note)
    return form, preset if preset.owner_id == request.user.pk else None


def blank_form(user, *args, **kwargs):
    """The form with the models it offers; unless told otherwise it starts from the one that `user` used last."""
    data = args[0] if args else kwargs.get("initial") or {}
    cards = offering.cards(user, str(data.get("model") or ""))
    last = next(iter(offering.last_used(user)), None)
    default = next((card for card in cards if card.pk == last), cards[0] if cards else None)
    return GenerateForm(*args, cards=cards, default=default, user=user, **kwargs)


def submit(request):
    """Queue a job. A page that swaps gets its card, or the form with what is wrong; others go to the job's page."""
    form, is_valid = sent_form(request)
    if not is_valid:
        return refused(request, form, 422)
    try:
        with unavailable.told():
            if form.is_grid:
                return go(request, grids.submit_grid(owner=request.user, **form.axes(), **form.asked()))
            job = services.submit_job(owner=request.user, **form.asked())
    except DomainError as error:
        form.refuse(error)
        return refused(request, form, error.status)
    if swaps(request):
        return render(request, "generation/_job_card.html", {"job": detailed(job)}, status=201)
    return redirect(job)


def sent_form(request):
    """(the form, whether all of it can be read); what it starts from has been taken in."""
    data, faults = uploads.taken_in(request)
    form = blank_form(request.user, data)
    is_valid = form.is_valid() and not faults
    for name, sentence in faults:
        form.add_error(name, sentence)
    return form, is_valid


def go(request, row):
    """To the page of `row`, also for a page that swaps."""
    if swaps(request):
        return HttpResponse(status=201, headers={"HX-Redirect": row.get_absolute_url()})
    return redirect(row)


def refused(request, form, status):
    rows = zip(request.POST.getlist("lora"), request.POST.getlist("lora_weight"), strict=False)
    loras = [{"slug": slug, "weight": weight} for slug, weight in rows]
    template = "generation/_form.html" if swaps(request) else "generation/generate.html"
    response = render(request, template, page(request, form, loras, None), status=status)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#generate-form", "outerHTML"
    return response


def register_first(request):
    prefill.keep(request.session, request.POST)
    back = f"{reverse('generation:generate')}?kept=1"
    target = f"{reverse('account_signup')}?{urlencode({'next': back})}"
    return HttpResponse(headers={"HX-Redirect": target}) if swaps(request) else redirect(target)


def page(request, form, loras, source):
    """What the generate page shows; `choices` are the model cards with what the form needs to know of each."""
    choices = [offering.choice(card) for card in form.cards]
    chosen = str(form["model"].value() or (form.default.slug if form.default else ""))
    current = next((item for item in choices if item["card"].slug == chosen), choices[0] if choices else None)
    slugs = offering.slugs_of(loras)
    rows = [row | {"slug": row.get("slug") or slugs.get(row.get("version_id"), "")} for row in loras]
    return {
        "form": form,
        "choices": choices,
        "current": current,
        "shape": shape_of(form, current),
        "lora_rows": [row for row in rows if row["slug"]] or [{"slug": "", "weight": 1}],
        "source": source,
    }


def shape_of(form, current):
    """The shape to tick: the one asked for, else the one that the asked size has."""
    asked, size = form["shape"].value(), (str(form["width"].value() or ""), str(form["height"].value() or ""))
    if asked or not any(size) or not current:
        return asked or "square"
    sizes = {(str(width), str(height)): name for name, (width, height) in current["shapes"].items()}
    return sizes.get(size, "custom")


@login_required
@require_GET
def job(request, job_id):
    return render(request, "generation/job.html", {"job": own(request, job_id)})


@login_required
@require_GET
def card(request, job_id):
    """The job's card alone, for the page to swap in when the job is over."""
    return render(request, "generation/_job_card.html", {"job": own(request, job_id)})


@login_required
@require_GET
@never_cache
def state(request, job_id):
    """The same JSON as the socket sends, for browsers that cannot open one."""
    return JsonResponse(progress.snapshot(own(request, job_id)))


@login_required
def cancel(request, job_id):
    return change(request, job_id, services.cancel_job)


@login_required
def retry(request, job_id):
    return change(request, job_id, services.retry_job)


def change(request, job_id, service):
    found = own(request, job_id)
    if request.method != "POST":  # whoever was asked to sign in first comes back with a GET
        return redirect(found)
    try:
        service(job=found, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    if swaps(request):
        return render(request, "generation/_job_card.html", {"job": detailed(found)})
    return redirect(found)


def own(request, job_id):
    return get_object_or_404(Job.objects.for_user(request.user).with_details(), pk=job_id)


def detailed(found):
    return Job.objects.with_details().get(pk=found.pk)


def swaps(request):
    return bool(request.headers.get("HX-Request"))
