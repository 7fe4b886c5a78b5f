"""A user's page, and the form behind it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.forms import ProfileForm
from accounts.models import Profile, User, username_key
from visionary.common import guest_pages


@require_GET
@guest_pages.remembered
def profile(request, username):
    """Found whatever the case or width of the letters; a closed account has no page."""
    users = User.objects.select_related("profile").filter(is_active=True)
    person = get_object_or_404(users, username_key=username_key(username))
    return render(request, "accounts/profile.html", {"person": person})


@login_required
def edit(request):
    """Edit one's own profile; what was typed stays when it is refused."""
    row = Profile.objects.get_or_create(user=request.user)[0]
    form = ProfileForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect(request.user)
    return render(request, "accounts/edit.html", {"form": form}, status=422 if form.errors else 200)
