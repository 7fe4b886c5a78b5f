"""The page of one's API tokens."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from accounts import tokens as services
from accounts.scopes import SCOPES
from visionary.common.exceptions import DomainError


def lives():
    """The choices of the form, in the reader's language."""
    days = [(str(days), ngettext("%(days)d day", "%(days)d days", days) % {"days": days}) for days in services.LIVES]
    return [*days, ("", _("Never"))]


class TokenForm(forms.Form):
    """What a new token is for. No scope chosen is refused: a token that may do everything is made by choosing all."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("What it may do: choose at least one thing.")},
    )
    days = forms.ChoiceField(label=gettext_lazy("Expires after"), choices=lives, required=False, initial="90")

    def expires_at(self):
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None


@login_required
@never_cache
@sensitive_variables("secret")
def tokens(request):
    """The list, and the form for one more; a new token is shown on the answer to that form and never again."""
    form, secret = TokenForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        chosen = {"name": form.cleaned_data["name"], "scopes": form.cleaned_data["scopes"]}
        try:
            _row, secret = services.make(user=request.user, expires_at=form.expires_at(), **chosen)
        except DomainError as error:
            form.add_error(error.field, str(error))
        else:
            form = TokenForm()
    context = {"form": form, "secret": secret, "tokens": services.of_user(request.user), "now": timezone.now()}
    return render(request, "settings/tokens.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke(request, token_id):
    if not services.revoke(user=request.user, pk=token_id):
        raise Http404
    messages.success(request, _("The token is revoked; it opens nothing any more."))
    return redirect("settings-tokens")
