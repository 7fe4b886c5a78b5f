"""The back office as a whole: the page of workers, and the order of things at its side."""

from allauth.account.admin import EmailAddressAdmin
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from generation.models import Job
from models_hub.models import WaitingVersion
from visionary import figures
from visionary.common.back_office import BackOfficeAdmin

admin.site.unregister([Group, EmailAddress])
# One door for all: its own form counts no attempts, so a password could be guessed there for ever.
admin.site.login = secure_admin_login(admin.site.login)


@admin.register(Group)
class RolesAdmin(GroupAdmin, BackOfficeAdmin):
    compressed_fields = False  # the two columns of permissions need the whole width
    filter_horizontal = ["permissions"]


@admin.register(EmailAddress)
class AddressAdmin(EmailAddressAdmin, BackOfficeAdmin):
    pass


@require_GET
@never_cache
def workers(request):
    """The workers and what they hold; `part=1` answers with the part that refreshes itself."""
    if not request.user.has_perm("generation.view_job"):
        raise PermissionDenied
    running = {str(job.pk): job for job in Job.objects.running().select_related("owner")}
    found = [one | {"running": running.get(one.get("job") or "")} for one in figures.workers()]
    context = {"workers": found, "queues": figures.queues(), "jobs": figures.jobs()}
    if request.GET.get("part"):
        return render(request, "admin/_workers.html", context)
    return render(request, "admin/workers.html", {**admin.site.each_context(request), **context, "title": _("Workers")})


# Unfold's hook for pages of one's own.
admin.site.extra_urls = lambda: [path("workers/", admin.site.admin_view(workers), name="workers")]


def icon(request):
    return static("img/seal.svg")


changelist = "admin:{}_changelist".format


def content():
    """What people made and brought."""
    return [
        (_("Grids"), "grid_on", changelist("generation_jobgroup"), "generation.view_jobgroup"),
        (_("Sources"), "upload", changelist("generation_source"), "generation.view_source"),
        (_("Pictures"), "image", changelist("gallery_picture"), "gallery.view_picture"),
        (_("Likes"), "favorite", changelist("social_like"), "social.view_like"),
        (_("Comments"), "forum", changelist("social_comment"), "social.view_comment"),
        (_("Models"), "deployed_code", changelist("models_hub_modelcard"), "models_hub.view_modelcard"),
        (
            _("Waiting models"),
            "rule",
            changelist("models_hub_waitingversion"),
            "models_hub.change_modelversion",
        ),
        (_("Versions"), "layers", changelist("models_hub_modelversion"), "models_hub.view_modelversion"),
        (_("Files"), "draft", changelist("models_hub_modelfile"), "models_hub.view_modelfile"),
        (_("Findings"), "fact_check", changelist("models_hub_finding"), "models_hub.view_finding"),
        (
            _("Forbidden files"),
            "block",
            changelist("models_hub_forbiddenhash"),
            "models_hub.view_forbiddenhash",
        ),
        (_("Uploads"), "upload_file", changelist("models_hub_upload"), "models_hub.view_upload"),
        (_("Samples"), "photo_library", changelist("models_hub_modelsample"), "models_hub.view_modelsample"),
        (_("Styles"), "palette", changelist("generation_styletemplate"), "generation.view_styletemplate"),
        (_("Wildcards"), "casino", changelist("generation_wildcard"), "generation.view_wildcard"),
    ]


def navigation(request):
    """The back office's side: groups of (title, icon, address, permission)."""
    groups = [
        (
            "",
            [
                (_("Overview"), "dashboard", "admin:index", None),
                (_("Workers"), "memory", "admin:workers", "generation.view_job"),
                (_("Jobs"), "brush", changelist("generation_job"), "generation.view_job"),
            ],
        ),
        (_("Content"), content()),
        (
            _("Safety"),
            [
                (_("Forbidden words"), "block", changelist("safety_word"), "safety.view_word"),
                (_("Try a sentence"), "experiment", "admin:safety_word_try", "safety.view_word"),
                (_("Prompt guard"), "shield", changelist("safety_promptguard"), "safety.view_promptguard"),
            ],
        ),
        (
            _("People"),
            [
                (_("Users"), "person", changelist("accounts_user"), "accounts.view_user"),
                (_("Sanctions"), "gavel", changelist("accounts_sanction"), "accounts.view_sanction"),
                (_("Groups"), "groups", changelist("auth_group"), "auth.view_group"),
                (_("E-mail addresses"), "mail", changelist("account_emailaddress"), "account.view_emailaddress"),
                (_("API tokens"), "key", changelist("accounts_apitoken"), "accounts.view_apitoken"),
            ],
        ),
    ]
    shown = [group(request, title, items) for title, items in groups]
    links = [item["link"] for one in shown for item in one["items"] if request.path.startswith(item["link"])]
    for item in (item for one in shown for item in one["items"]):
        item["active"] = item["link"] == max(links, key=len, default="")
        # So that a moderator sees from every page that somebody waits.
        if item["link"] == reverse(changelist("models_hub_waitingversion")):
            item |= {"badge": WaitingVersion.objects.count() or None, "badge_variant": "primary"}
    return shown


def group(request, title, items):
    shown = [item for item in items if item[3] is None or request.user.has_perm(item[3])]
    links = [{"title": name, "icon": icon, "link": reverse(address)} for name, icon, address, _permission in shown]
    return {"title": title if links else "", "separator": bool(title and links), "items": links}
