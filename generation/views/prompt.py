"""What the prompt box asks the site while one types, and the prompts that one has used."""

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from generation.models import SavedPrompt
from generation.prompting import completion, history, measure
from visionary.common import limits
from visionary.common.exceptions import DomainError
from visionary.common.pagination import read, write

# One asks at every pause in typing; nobody types faster than five pauses a second for a minute.
LOOKS = {"most": 300, "seconds": 60}
PAGE = 30


def throttle(request, name):
    """Raises TooMany. Counts accounts, and the addresses of guests."""
    who = str(request.user.pk) if request.user.is_authenticated else get_adapter().get_client_ip(request)
    limits.count(name, who, **LOOKS)


def refused(error):
    answer = JsonResponse({"code": error.code, "message": str(error), "field": error.field}, status=error.status)
    if error.retry_after:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


@require_GET
@never_cache
def complete(request):
    """Suggestions for the words before the caret: `q`, and the `model`s that the form has chosen."""
    try:
        throttle(request, "complete")
    except DomainError as error:
        return refused(error)
    found = completion.complete(request.GET.get("q", ""), user=request.user, slugs=request.GET.getlist("model"))
    return JsonResponse({"results": [one.as_dict() for one in found]})


@require_POST
@never_cache
def tokens(request):
    """How long the prompts are for the model, and what would be sent. A POST, as a prompt may be long; it changes
    nothing."""
    try:
        throttle(request, "tokens")
    except DomainError as error:
        return refused(error)
    asked = request.POST
    return JsonResponse(measure.measure(asked, styles=asked.getlist("styles"), slug=asked.get("model", "")))


@login_required
@require_GET
def prompts(request):
    """The prompts that one has used. `part=1` answers with rows only, for the drawer of the generate page."""
    words, starred = request.GET.get("q", ""), request.GET.get("show") == "favourites"
    page = page_of(history.of(request.user, words, starred), request.GET.get("cursor", ""))
    context = {"prompts": page[0], "cursor": page[1], "words": words, "starred": starred}
    return render(
        request, "generation/_prompts.html" if request.GET.get("part") else "generation/prompts.html", context
    )


def page_of(rows, cursor):
    """([prompts], cursor of the next page or ""); an unreadable cursor gives the first page."""
    try:
        used_at, pk = read(cursor, "used_at", SavedPrompt) if cursor else (None, None)
    except DomainError:
        used_at = None
    if used_at is not None:
        rows = rows.filter(used_at__lte=used_at).exclude(used_at=used_at, pk__gte=pk)
    found = list(rows[: PAGE + 1])
    return found[:PAGE], write(found[PAGE - 1], "used_at") if len(found) > PAGE else ""


@login_required
@require_POST
def star(request, prompt_id):
    prompt = get_object_or_404(SavedPrompt, owner=request.user, pk=prompt_id)
    history.star(prompt, not prompt.is_favourite)
    if request.headers.get("HX-Request"):
        return render(request, "generation/_prompt_row.html", {"prompt": prompt})
    return redirect("generation:prompts")


@login_required
@require_POST
def forget(request, prompt_id):
    get_object_or_404(SavedPrompt, owner=request.user, pk=prompt_id).delete()
    return HttpResponse("") if request.headers.get("HX-Request") else redirect("generation:prompts")


@login_required
@require_POST
def clear(request):
    number = history.clear(request.user)
    messages.success(request, _("%(number)d prompts forgotten. Starred prompts stay.") % {"number": number})
    return redirect("generation:prompts")
