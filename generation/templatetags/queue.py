"""The results side of the generate page."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from gallery.models import Picture
from generation.grids import axes
from generation.models import Job, JobGroup
from generation.templatetags.generation import example_prompts
from generation.watching import overview, progress, results
from models_hub.models import ModelCard

register = template.Library()

GRIDS = 3


@register.simple_tag(takes_context=True)
def own_results(context):
    """{"form", "page", "cards"}: the first page of the reader's results, filtered by the address."""
    request = context["request"]
    form = results.ResultsForm(request.GET)
    used = Job.objects.for_user(request.user).values("version__card")
    cards = ModelCard.objects.filter(pk__in=used).order_by("name")
    return {
        "form": form,
        "page": results.page(form.apply(results.of_user(request.user)), request.GET.get("cursor", "")),
        "cards": cards,
    }


@register.simple_tag(takes_context=True)
def own_queue(context):
    """{"rows", "grids", "failed", "own", "all"} of the reader: jobs with their state, grids with a count."""
    user = context["request"].user
    jobs = list(overview.under_way(user)[: overview.MOST])
    alone = [job for job in jobs if not job.group_id]
    movable = [job for job in alone if job.state != Job.State.RUNNING]
    rows = [{"job": job, "state": progress.state_of(job), **neighbours(job, movable)} for job in alone]
    failed = [{"job": job} for job in overview.failed(user)]
    return {"rows": rows, "grids": grids(jobs), "failed": failed, **overview.counts(user)}


def neighbours(job, movable):
    """Whether `job` can be moved, and the jobs to put it before for one place up or down (None: the end)."""
    if job not in movable:
        return {"movable": False}
    place = movable.index(job)
    after = movable[place + 2] if place + 2 < len(movable) else None
    up = movable[place - 1] if place else None
    return {"movable": len(movable) > 1, "up": up, "down": after, "is_last": place == len(movable) - 1}


def grids(jobs):
    """The grids that still have cells under way: [{"group", "left"}]."""
    left = {}
    for job in jobs:
        if job.group_id:
            left[job.group_id] = left.get(job.group_id, 0) + 1
    groups = JobGroup.objects.in_bulk(left)
    return [{"group": groups[pk], "left": count} for pk, count in left.items() if pk in groups]


@register.simple_tag(takes_context=True)
def own_grids(context, limit=GRIDS):
    """The reader's newest grids."""
    return list(JobGroup.objects.filter(owner=context["request"].user)[:limit])


@register.filter
def places(job):
    """The places of a job's pictures, from 0."""
    return range(job.count)


@register.simple_tag(takes_context=True)
def launchpad(context):
    """The cards of an empty page: [{"title", "text", "url", "icon", "picture"}], each with an example ready."""
    form = reverse("generation:generate")
    example = next(iter(example_prompts(1)), {})
    picture = example_picture(context["request"].user)
    start = {"source": picture.pk} if picture else {}
    return [
        {"title": title, "text": text, "icon": icon, "url": f"{form}?{urlencode(asked)}", "picture": shown}
        for title, text, icon, asked, shown in (
            (_("From words"), _("Type a sentence, get a picture"), "spark", example, None),
            (_("From a picture"), _("Keep its shapes, change its look"), "gallery", start | IMG2IMG, picture),
            (_("Change a part"), _("Paint over what should be different"), "brush", start | INPAINT, picture),
            (_("Make it larger"), _("Four times the width and height"), "zoom-in", start | UPSCALE, picture),
        )
    ]


IMG2IMG, INPAINT, UPSCALE = {"kind": "img2img"}, {"kind": "inpaint"}, {"kind": "upscale"}


def example_picture(user):
    """A picture to start from: the reader's own newest, else the newest that anybody may start from."""
    own = Picture.objects.for_owner(user).order_by("-created_at", "-pk") if user.is_authenticated else ()
    shared = Picture.objects.published().filter(may_be_reused=True).order_by("-published_at", "-pk")
    return next(iter(own[:1]), None) or shared.first()


@register.simple_tag
def axis_examples():
    """{axis: how its values are typed}."""
    return axes.EXAMPLES
