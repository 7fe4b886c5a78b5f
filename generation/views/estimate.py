"""How long what the form asks for would take, said before it is sent."""

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from generation.asking import drafts, sources
from generation.grids import axes
from generation.scheduling import what_if
from generation.views import generate
from visionary.common import limits
from visionary.common.exceptions import DomainError

PER_USER = {"most": 120, "seconds": 60}
# Shorter waits are none.
AT_ONCE = 3  # seconds


@login_required
@require_POST
def estimate(request):
    """{"seconds", "wait", "text", "detail"} for a form as the page sends it; nothing is kept.

    seconds and wait are None, and text is "", where nobody can say.
    """
    try:
        limits.count("estimate", str(request.user.pk), **PER_USER)
        found, cells = foretold(request)
    except (DomainError, KeyError):
        # The form says what is wrong when it is sent.
        return JsonResponse({"seconds": None, "wait": None, "text": "", "detail": ""})
    seconds = None if found.seconds is None else round(found.seconds * cells, 1)
    return JsonResponse({"seconds": seconds, "wait": found.wait, **said(found, seconds)})


def foretold(request):
    """(the WhatIf of one job, how many such jobs it would be). Raises DomainError."""
    data = request.POST.copy()
    offered = sources.offered(request.user, data.get("source", ""))
    if offered:
        data["source"] = ""
    form = generate.blank_form(request.user, data)
    # Faults of other fields do not change how long it takes.
    form.is_valid()
    if "version" not in form.cleaned_data:
        raise DomainError("")
    asked = {"prompt": "", "seed": 0} | form.asked()
    if offered:
        asked["source"] = offered
    fields = drafts.resolve(asked["version"], asked | {"kind": drafts.kind_of(asked | {"mask": True})})
    cells = number_of_cells(form)
    fields |= {"count": 1} if cells > 1 else {}
    return what_if.of(request.user, asked["version"], fields, is_bulk=form.is_grid), cells


def number_of_cells(form):
    if not form.is_grid:
        return 1
    both = form.axes()
    return max(1, len(axes.parse("x", *both["x"]).values) * len(axes.parse("y", *both["y"]).values or [""]))


def said(found, seconds):
    """What stands beside the button, and what a closer look tells."""
    if seconds is None:
        return {"text": "", "detail": found.reason}
    text = _("About %(time)s.") % {"time": spoken(seconds)}
    if found.reason:
        return {"text": text, "detail": found.reason}
    if found.wait is not None and found.wait >= AT_ONCE:
        return {"text": text, "detail": _("Starts in about %(time)s.") % {"time": spoken(found.wait)}}
    return {"text": text, "detail": _("Starts at once.") if found.wait is not None else ""}


def spoken(seconds):
    """A length of time, as exact as such a guess is."""
    if seconds < 90:
        number = max(1, round(seconds))
        return ngettext("%(n)d second", "%(n)d seconds", number) % {"n": number}
    number = round(seconds / 60)
    return ngettext("%(n)d minute", "%(n)d minutes", number) % {"n": number}
