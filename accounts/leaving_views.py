"""Taking one's things along, and leaving for good."""

import time

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import deletion, exporting
from accounts.forms import DeletionForm
from accounts.models import Export, User
from visionary.common.exceptions import DomainError
from visionary.common.streaming import file_response

# In the session of somebody who gave the right password of a closed account: (its id, when).
CLOSED = "closed_account"
OFFER_SECONDS = 900


@login_required
@never_cache
def export(request):
    """The archive: ordered, awaited, fetched. `part=1` answers with the part that changes only."""
    latest = Export.objects.filter(user=request.user).first()
    template = "settings/_export.html" if request.GET.get("part") else "settings/export.html"
    return render(request, template, {"export": latest, "days": exporting.KEEP.days})


@login_required
@require_POST
def order_export(request):
    try:
        exporting.order(user=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("settings-export")


@login_required
@require_safe
def download_export(request, export_id):
    ready = get_object_or_404(Export.objects.ready().filter(user=request.user), pk=export_id)
    name = f"{request.user.username}-{ready.created_at:%Y-%m-%d}.zip"
    try:
        answer = file_response(request, ready.path, content_type="application/zip", filename=name, attachment=True)
    except FileNotFoundError:
        raise Http404 from None
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
def delete(request):
    """Says what goes and what stays, asks for the password, closes the account."""
    form = DeletionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            deletion.check_password(request.user, form.cleaned_data["password"])
            deletion.close(user=request.user, keeps_models=form.cleaned_data["models"] == "keep")
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            logout(request)
            messages.success(request, _("Your account is closed. Sign in within 14 days to take that back."))
            return redirect("home")
    context = {"form": form, "days": deletion.GRACE.days}
    return render(request, "settings/delete.html", context, status=422 if form.errors else 200)


def offer(request, user):
    """Where the door leads whoever gave the right password of a closed account."""
    request.session[CLOSED] = [user.pk, time.time()]
    return redirect("settings-undo-deletion")


def undo_deletion(request):
    """Take a closed account back, and be signed in to it."""
    pk, at = request.session.get(CLOSED, (0, 0))
    user = User.objects.filter(pk=pk, deletion_due_at__isnull=False).first()
    if user is None or time.time() - at > OFFER_SECONDS:
        return redirect("account_login")
    if request.method != "POST":
        return render(request, "settings/undo_deletion.html", {"due": user.deletion_due_at})
    del request.session[CLOSED]
    if not deletion.reopen(user=user):
        messages.error(request, _("It is too late: this account is being deleted."))
        return redirect("account_login")
    messages.success(request, _("Welcome back. Your account is open again; what was public is public again."))
    return perform_login(request, Login(user=user))
