"""How much one user may ask for: jobs at once, jobs in a day, work in a day. Other roles may have more, or less."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import BigIntegerField, Case, Count, F, Q, Sum, Value, When
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts import roles
from generation.models import Job
from visionary.common.exceptions import DomainError

# The group of those who have less than others: an operator makes it.
GUESTS = "guests"
# What a client is told to wait when a job of its own must finish first.
RETRY_SECONDS = 10


class QuotaExceeded(DomainError):
    code = "too_many_jobs"
    status = 429


@dataclass(frozen=True)
class Rule:
    """One bound and how much of it is used. `most` None: no bound. `resets_at` None: when a job of theirs is over."""

    rule: str
    label: str
    used: float
    most: float | None
    resets_at: datetime | None = None

    def refuses(self, more):
        return self.most is not None and more > 0 and self.used + more > self.most


def role(user):
    """ "moderator", "trusted", "guest" or "user": who has how much. An administrator has what a moderator has."""
    standing = roles.standing(user)
    if standing == "user" and GUESTS in roles.group_names(user):
        return "guest"
    return "moderator" if standing == "administrator" else standing


def rules(user):
    """The Rules of `user`. Three queries."""
    factor = settings.QUOTA_FACTORS[role(user)]
    start, end = today()
    used = used_by(user, start)
    return [
        Rule("active", _("Jobs at once"), used["active"], bound(settings.MAX_ACTIVE_JOBS, factor)),
        Rule("bulk", _("Grid jobs at once"), used["bulk"], bound(settings.MAX_BULK_JOBS, factor)),
        Rule("jobs", _("Jobs today"), used["jobs"], bound(settings.MAX_JOBS_PER_DAY, factor), end),
        Rule("work", _("Work today"), used["work"] / 1e6, bound(settings.MAX_WORK_PER_DAY, factor), end),
    ]


def bound(most, factor):
    return max(math.floor(most * factor), 1) if most else None


def used_by(user, start):
    """What a user has under way, and has asked for since `start`.

    What failed costs nothing, what was cancelled as much of it as was drawn; every attempt that its owner ended counts.
    Two questions, each with an index of its own: one for both would read all jobs that the user ever had.
    """
    mine = Job.objects.for_user(user).order_by()
    under_way = {"active": Count("pk", filter=Q(is_bulk=False)), "bulk": Count("pk", filter=Q(is_bulk=True))}
    today = mine.filter(created_at__gte=start).aggregate(
        begun=Count("pk", filter=~IN_VAIN), again=Sum("spent_jobs"), work=Sum(COST + F("spent_work"))
    )
    spent = {"jobs": today["begun"] + (today["again"] or 0), "work": today["work"] or 0}
    return mine.active().aggregate(**under_way) | spent


IN_VAIN = Q(state=Job.State.FAILED) | Q(state=Job.State.CANCELLED, started_at=None)
# Pixel-steps that a job's present attempt costs.
COST = Case(
    When(IN_VAIN, then=Value(0)),
    When(state=Job.State.CANCELLED, then=F("width") * F("height") * F("drawn")),
    default=F("width") * F("height") * F("steps") * (F("count") - F("begun_with")),
    output_field=BigIntegerField(),
)


def spent_before(job):
    """The columns of a job that is tried again: what its attempts of today have cost so far."""
    today_already = job.created_at >= today()[0]
    ended = job.state == Job.State.CANCELLED and job.started_at is not None
    return {
        "spent_jobs": today_already * (job.spent_jobs + ended),
        "spent_work": today_already * (job.spent_work + ended * job.width * job.height * job.drawn),
    }


def today():
    """(start, end) of the present day in the site's time zone, the same for everybody."""
    midnight = timezone.now().astimezone(timezone.get_default_timezone())
    midnight = midnight.replace(hour=0, minute=0, second=0, microsecond=0)
    # By the calendar: a day may have 23 or 25 hours.
    return midnight, midnight + timedelta(days=1)


def usage(user):
    """What the bar in the form and the API show: [{rule, label, used, most, percent, resets_at, text}]."""
    return [shown(rule) for rule in rules(user)]


def shown(rule):
    percent = min(round(100 * rule.used / rule.most), 100) if rule.most else 0
    numbers = {"used": number(rule.used), "most": number(rule.most) if rule.most else ""}
    text = _("%(used)s of %(most)s") % numbers if rule.most else _("%(used)s, no limit") % numbers
    return {
        "rule": rule.rule,
        "label": rule.label,
        "used": round(rule.used, 1),
        "most": rule.most,
        "percent": percent,
        "resets_at": rule.resets_at.isoformat() if rule.resets_at else None,
        "text": text,
    }


def number(value):
    """As the reader writes it, with a decimal only where it says something."""
    return formats.number_format(
        value if value % 1 else int(value), 1 if value % 1 and value < 10 else 0, force_grouping=True
    )


def check_quota(owner, jobs=1, megapixel_steps=0.0, *, bulk=False):
    """Raise QuotaExceeded when `jobs` more, together `megapixel_steps` of work, are too much for `owner`.

    Call it with the owner's row locked. bulk: the jobs are cells of a grid.
    """
    asked = {"bulk" if bulk else "active": jobs, "jobs": jobs, "work": megapixel_steps}
    for rule in rules(owner):
        if rule.refuses(asked.get(rule.rule, 0)):
            raise QuotaExceeded(refusal(rule, asked[rule.rule]), code=CODES[rule.rule], retry_after=wait(rule))


def megapixel_steps(job):
    """The work of a job: millions of pixels times steps times pictures, without those that earlier attempts drew."""
    return job.width * job.height * job.steps * (job.count - job.begun_with) / 1e6


CODES = {"active": "too_many_jobs", "bulk": "too_many_jobs", "jobs": "daily_jobs", "work": "daily_work"}


def refusal(rule, more):
    """Which rule, how much is used, how much was asked for, and when there is room again."""
    named = {"used": number(rule.used), "most": number(rule.most), "more": number(more), "when": moment(rule.resets_at)}
    return sentences()[rule.rule] % named


def sentences():
    return {
        "active": _("You have %(used)s jobs under way; %(most)s is the most at once. Wait for one to finish."),
        "bulk": _(
            "You have %(used)s grid jobs under way and ask for %(more)s more; %(most)s is the most at once. "
            "Wait for some to finish, or ask for a smaller grid."
        ),
        "jobs": _("You have asked for %(used)s jobs today; %(most)s is the most in a day. It begins anew at %(when)s."),
        "work": _(
            "Today you have used %(used)s of your %(most)s megapixel-steps, and this asks for %(more)s. "
            "Take fewer pictures, fewer steps or a smaller size, or wait until %(when)s."
        ),
    }


def moment(when):
    """A time of day as the reader writes it, in their time zone, with the date."""
    return formats.date_format(timezone.localtime(when), "SHORT_DATETIME_FORMAT") if when else ""


def wait(rule):
    """Seconds until it is worth asking again."""
    if rule.resets_at is None:
        return RETRY_SECONDS
    return max(math.ceil((rule.resets_at - timezone.now()).total_seconds()), 1)
