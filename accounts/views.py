"""The settings of an account that need no password: profile, privacy, content, notifications, look."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import portraits, presence
from accounts.forms import ContentForm, LookForm, PortraitForm, PrivacyForm, ProfileForm
from accounts.models import Profile
from visionary.common.exceptions import DomainError

THEME_SECONDS = 31_536_000


@login_required
def first(request):
    return redirect("profile-edit")


def own_profile(request):
    return Profile.objects.get_or_create(user=request.user)[0]


def saved(request, form, template, done, **context):
    """Save a valid form and go to `done`, else show the page; what was typed stays when it is refused."""
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect(done)
    return render(request, template, {"form": form, **context}, status=422 if form.errors else 200)


@login_required
def edit(request):
    """What others read on one's own page."""
    row = own_profile(request)
    form = ProfileForm(request.POST or None, instance=row)
    return saved(request, form, "settings/profile.html", request.user, profile=row, focuses=Profile.Focus.choices)


@login_required
def portrait(request):
    """A new avatar or cover, another focus for it, or none."""
    form = PortraitForm(request.POST, request.FILES)
    if request.method == "POST" and form.is_valid():
        try:
            change_portrait(request.user, **form.cleaned_data)
        except DomainError as error:
            messages.error(request, str(error))
    elif request.method == "POST":
        messages.error(request, _("Picture: use a JPEG, PNG or WebP file."))
    return redirect("profile-edit")


def change_portrait(user, *, which, file, focus, remove):
    if remove:
        return portraits.remove(user=user, which=which)
    if file:
        if file.size > portraits.MAX_BYTES:
            raise portraits.too_big()
        portraits.replace(user=user, which=which, data=file.read())
    if focus:
        Profile.objects.filter(user=user).update(**{f"{which}_focus": focus})


@login_required
def privacy(request):
    row = own_profile(request)
    form = PrivacyForm(request.POST or None, instance=row)
    answer = saved(request, form, "settings/privacy.html", "settings-privacy")
    if request.method == "POST" and not row.shows_presence:
        Profile.objects.filter(pk=row.pk).update(last_seen_at=None)
        presence.forget(request.user)
    return answer


@login_required
def content(request):
    form = ContentForm(request.POST or None, instance=own_profile(request))
    return saved(request, form, "settings/content.html", "settings-content")


@login_required
def notifications(request):
    return render(request, "settings/notifications.html")


@login_required
def look(request):
    theme = request.COOKIES.get("theme", "")
    form = LookForm(initial={"theme": theme if theme in {"light", "dark"} else ""})
    return render(request, "settings/look.html", {"form": form})


@login_required
@require_POST
def theme(request):
    """Keep the theme in the browser, where the switch of the header keeps it, too."""
    form = LookForm(request.POST)
    answer = redirect("settings-look")
    if not form.is_valid():
        return answer
    if chosen := form.cleaned_data["theme"]:
        answer.set_cookie("theme", chosen, max_age=THEME_SECONDS, samesite="Lax")
    else:
        answer.delete_cookie("theme", samesite="Lax")
    return answer
