"""What has come of a user's earlier jobs: an endless list with a few filters."""

import base64
import binascii
import datetime
import json
import uuid
from dataclasses import dataclass, field

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.models import Job

PAGE = 12
DAYS = {"day": 1, "week": 7, "month": 30}


class ResultsForm(forms.Form):
    """Filters of the list, all in the address. What cannot be read is left out, never refused."""

    made = forms.ChoiceField(label=_("Kind"), choices=[("", _("All kinds")), *Job.Kind.choices], required=False)
    of_model = forms.SlugField(label=_("Model"), max_length=100, required=False)
    since = forms.ChoiceField(
        label=_("When"),
        choices=[("", _("All time")), ("day", _("Today")), ("week", _("This week")), ("month", _("This month"))],
        required=False,
    )

    def values(self):
        """The filters in use, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def apply(self, jobs):
        values = self.values()
        if "made" in values:
            jobs = jobs.filter(kind=values["made"])
        if "of_model" in values:
            jobs = jobs.filter(version__card__slug=values["of_model"])
        if "since" in values:
            jobs = jobs.filter(created_at__gte=timezone.now() - datetime.timedelta(days=DAYS[values["since"]]))
        return jobs


@dataclass
class Page:
    """Some jobs and the cursor of the next page (empty at the end)."""

    jobs: list = field(default_factory=list)
    cursor: str = ""


def of_user(user):
    """The user's jobs as cards; the cells of grids are on the grids' own pages."""
    return Job.objects.for_user(user).filter(group=None).with_details()


def page(jobs, cursor="", size=PAGE):
    """One Page of `jobs`, newest first; an unreadable cursor gives the first page."""
    after = read(cursor)
    if after:
        moment, pk = after
        jobs = jobs.filter(created_at__lte=moment).filter(Q(created_at__lt=moment) | Q(pk__lt=pk))
    rows = list(jobs.order_by("-created_at", "-pk")[: size + 1])
    return Page(rows[:size], write(rows[size - 1]) if len(rows) > size else "")


def write(job):
    return base64.urlsafe_b64encode(json.dumps([job.created_at.isoformat(), job.pk.hex]).encode()).decode().rstrip("=")


def read(cursor):
    """(moment, id) of the last job shown, or None for a cursor that was tampered with."""
    try:
        moment, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.datetime.fromisoformat(moment)
        return (moment.astimezone(datetime.UTC), uuid.UUID(pk)) if moment.tzinfo else None
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
