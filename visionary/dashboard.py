"""The back office's first page: each figure only to those who may see the rows behind it."""

import json

from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from visionary import figures


def dashboard(request, context):
    """Adds `figures` (title, number, note, href, bad), `chart` (JSON) and `failures` to the page's context."""
    user, shown = request.user, []
    if user.has_perm("generation.view_job"):
        shown += job_figures()
        context |= {"chart": chart(figures.days()), "failures": figures.failures()}
    if user.has_perm("accounts.view_user"):
        shown += user_figures()
    if user.has_perm("gallery.view_picture"):
        shown += picture_figures()
    return context | {"figures": shown}


def figure(title, number, note, address="", bad=False):
    return {"title": title, "number": number, "note": note, "href": address, "bad": bad}


def job_figures():
    jobs, waiting = figures.jobs(), figures.waiting()
    address = reverse("admin:generation_job_changelist") + "?state__exact="
    oldest = _("the oldest for %(time)s") % {"time": timesince(waiting["oldest"], depth=1)} if waiting["oldest"] else ""
    usual = ""
    if waiting["queue"] is not None:
        usual = _("usually %(queue).1f s waiting, %(work).1f s drawing") % waiting
    alive = len(figures.workers())
    workers = ngettext("%(number)d worker", "%(number)d workers", alive) % {"number": alive}
    cancelled = _("%(cancelled)d cancelled") % jobs
    return [
        figure(_("In the queue"), intcomma(jobs["queued"]), oldest, f"{address}queued"),
        figure(_("Running"), intcomma(jobs["running"]), workers, reverse("admin:workers"), bad=not alive),
        figure(_("Done in a day"), intcomma(jobs["done"]), usual, f"{address}done"),
        figure(_("Failed in a day"), intcomma(jobs["failed"]), cancelled, f"{address}failed", bad=jobs["failed"]),
    ]


def user_figures():
    users = figures.users()
    note = _("%(fresh)d new and %(seen)d seen in a day, %(blocked)d blocked") % users
    return [figure(_("Users"), intcomma(users["total"]), note, reverse("admin:accounts_user_changelist"))]


def picture_figures():
    pictures, storage = figures.pictures(), figures.storage()
    address = reverse("admin:gallery_picture_changelist")
    models = _("models %(models)s, free %(free)s") % {name: filesizeformat(storage[name]) for name in storage}
    return [
        figure(_("Pictures"), intcomma(pictures["total"]), _("%(public)d published, %(fresh)d new in a day") % pictures)
        | {"href": address},
        figure(_("Likes"), intcomma(pictures["likes"]), _("%(hidden)d pictures hidden") % pictures),
        figure(_("Storage of pictures"), filesizeformat(storage["pictures"]), models),
    ]


def chart(days):
    """Data of the chart of jobs by day, as Chart.js reads it."""
    sets = [(_("Done"), "#1f6f4a", 1), (_("Failed"), "#b8351d", 2)]
    bars = [
        {"label": name, "data": [day[column] for day in days], "backgroundColor": colour}
        for name, colour, column in sets
    ]
    return json.dumps({"labels": [f"{day[0]:%m-%d}" for day in days], "datasets": bars})
