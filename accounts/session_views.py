"""The page of the browsers that one is signed in with."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import devices
from accounts import sessions as services


@login_required
@require_GET
@never_cache
def sessions(request):
    rows = services.live(request.user)
    for row in rows:
        row.device = devices.name_of(row.user_agent)
        row.is_this = row.session_key == request.session.session_key
    return render(request, "settings/sessions.html", {"sessions": rows})


@login_required
@require_POST
def end(request, session_id):
    if not services.end(request.user, session_id):
        raise Http404
    messages.success(request, _("That browser is signed out."))
    return redirect("settings-sessions")


@login_required
@require_POST
def end_others(request):
    services.end_others(request)
    messages.success(request, _("You are signed out everywhere but here."))
    return redirect("settings-sessions")


@login_required
@require_POST
def end_all(request):
    services.end_all(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("account_login")
