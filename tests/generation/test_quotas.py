"""Quotas by role: what counts, who may have how much, and what the refusal says."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone, translation

from accounts import roles
from generation import services
from generation.models import Job
from generation.rendering import finishing, jobs, reaper
from generation.scheduling import leases, quotas
from generation.scheduling.quotas import QuotaExceeded
from tests.accounts.people import administrator
from tests.factories import JobFactory, ModelVersionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _bounds(settings):
    settings.MAX_ACTIVE_JOBS, settings.MAX_BULK_JOBS = 4, 6
    settings.MAX_JOBS_PER_DAY, settings.MAX_WORK_PER_DAY = 8, 100


@pytest.fixture
def owner():
    return UserFactory()


def make(owner, number, **fields):
    version = fields.pop("version", None) or ModelVersionFactory()
    return JobFactory.create_batch(number, owner=owner, version=version, **fields)


def rule(user, name):
    return next(one for one in quotas.rules(user) if one.rule == name)


@pytest.mark.parametrize("state", ["held", "queued", "running"])
def test_waiting_held_and_running_jobs_count_at_once(owner, state):
    make(owner, 4, state=state)

    with pytest.raises(QuotaExceeded) as refusal:
        quotas.check_quota(owner)

    assert (refusal.value.code, refusal.value.status) == ("too_many_jobs", 429)
    assert "You have 4 jobs under way; 4 is the most" in str(refusal.value)
    assert refusal.value.retry_after


def test_other_users_and_finished_jobs_do_not_count_at_once(owner):
    make(UserFactory(), 4)
    make(owner, 4, state="done")

    quotas.check_quota(owner)


def test_the_cells_of_grids_are_counted_apart(owner):
    make(owner, 5, is_bulk=True)

    quotas.check_quota(owner)
    with pytest.raises(QuotaExceeded, match="smaller grid"):
        quotas.check_quota(owner, 2, bulk=True)


def test_jobs_of_the_day_count_whatever_became_of_them(owner):
    make(owner, 8, state="done")

    with pytest.raises(QuotaExceeded, match="8 jobs today") as refusal:
        quotas.check_quota(owner)

    assert refusal.value.code == "daily_jobs"
    assert 0 < refusal.value.retry_after <= 25 * 3600


def test_what_failed_or_never_began_is_not_charged(owner):
    make(owner, 5, state="failed")
    make(owner, 5, state="cancelled")

    assert rule(owner, "jobs").used == 0
    make(owner, 1, state="cancelled", started_at=timezone.now())
    assert rule(owner, "jobs").used == 1


def test_yesterdays_jobs_are_forgotten(owner):
    make(owner, 8, state="done")
    Job.objects.update(created_at=timezone.now() - timedelta(days=1))

    quotas.check_quota(owner)


def test_work_is_megapixels_times_steps_times_pictures(owner):
    make(owner, 1, width=1000, height=1000, steps=30, count=3, state="done")

    assert rule(owner, "work").used == 90
    quotas.check_quota(owner, 1, 10)
    with pytest.raises(QuotaExceeded, match="90 of your 100 megapixel-steps, and this asks for 11") as refusal:
        quotas.check_quota(owner, 1, 11)
    assert refusal.value.code == "daily_work"


@pytest.mark.parametrize(
    ("fields", "group", "most"),
    [
        ({}, None, 4),
        ({}, "guests", 1),
        ({}, "Guests", 1),
        ({}, roles.TRUSTED, 16),
        ({}, "trusted", 16),
        ({"is_staff": True}, None, 16),
        ({"is_staff": True}, roles.MODERATORS, 40),
        ({}, "moderators", 40),
        ({"is_superuser": True}, None, 40),
    ],
)
def test_a_role_has_its_share(fields, group, most):
    user = UserFactory(**fields)
    if group:
        user.groups.add(Group.objects.get_or_create(name=group)[0])

    assert rule(user, "active").most == most


def test_who_becomes_trusted_has_more_at_once(owner):
    make(owner, 4)
    with pytest.raises(QuotaExceeded):
        quotas.check_quota(owner)

    roles.set_trusted(user=owner, by=administrator())

    quotas.check_quota(owner)


def test_zero_is_no_bound(owner, settings):
    settings.MAX_ACTIVE_JOBS = settings.MAX_JOBS_PER_DAY = settings.MAX_WORK_PER_DAY = 0
    make(owner, 20)

    quotas.check_quota(owner, 100, 1e9)
    assert "no limit" in quotas.usage(owner)[0]["text"]


def test_the_bar_shows_every_rule_in_three_queries(owner, django_assert_num_queries):
    make(owner, 2)

    with django_assert_num_queries(3):
        shown = {one["rule"]: one for one in quotas.usage(owner)}

    assert set(shown) == {"active", "bulk", "jobs", "work"}
    assert (shown["active"]["used"], shown["active"]["most"], shown["active"]["percent"]) == (2, 4, 50)
    assert shown["active"]["text"] == "2 of 4"
    assert shown["active"]["resets_at"] is None
    assert shown["jobs"]["resets_at"] > timezone.now().isoformat()


def test_the_day_begins_at_midnight_of_the_site(settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    start, end = quotas.today()

    assert (start.hour, start.minute, start.utcoffset()) == (0, 0, timedelta(hours=8))
    assert start <= timezone.now() < end


def test_the_refusal_names_the_moment_in_the_readers_time_zone(owner):
    make(owner, 8, state="done")
    end = quotas.today()[1]

    with translation.override("en"), timezone.override("America/New_York"), pytest.raises(QuotaExceeded) as refusal:
        quotas.check_quota(owner)

    with timezone.override("America/New_York"):
        assert quotas.moment(end) in str(refusal.value)
    assert "8 p.m." in str(refusal.value) or "7 p.m." in str(refusal.value)


def test_what_was_drawn_of_a_cancelled_job_is_charged(owner):
    size = {"width": 1000, "height": 1000, "steps": 20, "count": 2}
    make(owner, 1, state="cancelled", started_at=timezone.now(), drawn=15, **size)

    assert (rule(owner, "jobs").used, rule(owner, "work").used) == (1, 15)


def draw_and_cancel(job, drawn):
    """As far as rows go, what a worker and the owner do."""
    lease = leases.claim(job.pk, "w")
    lease.renew(stage="denoising", drawn=drawn)
    return services.cancel_job(job=job, by=job.owner)


def test_cancelling_and_trying_again_in_a_loop_adds_up(owner, settings):
    settings.MAX_JOBS_PER_DAY = 4
    [job] = make(owner, 1, width=1000, height=1000, steps=20, count=1)
    for _turn in range(3):
        draw_and_cancel(job, 10)
        services.retry_job(job=job, by=owner)

    assert (rule(owner, "jobs").used, rule(owner, "work").used) == (4, 30 + 20)
    draw_and_cancel(job, 10)
    with pytest.raises(QuotaExceeded, match="4 jobs today"):
        services.retry_job(job=job, by=owner)


def test_a_job_that_failed_is_charged_once_when_it_succeeds(owner):
    [job] = make(owner, 1, width=1000, height=1000, steps=20, count=1)
    lease = leases.claim(job.pk, "w")
    lease.renew(stage="denoising", drawn=19)
    finishing.fail_job(lease, "internal", finishing.INTERNAL)
    services.retry_job(job=job, by=owner)
    Job.objects.update(state="done", drawn=20)

    assert (rule(owner, "jobs").used, rule(owner, "work").used) == (1, 20)


def test_what_a_worker_lost_is_not_charged(owner):
    [job] = make(owner, 1, width=1000, height=1000, steps=20, count=1)
    leases.claim(job.pk, "w").renew(stage="denoising", drawn=19)
    reaper.release("w")
    services.cancel_job(job=job, by=owner)

    assert rule(owner, "work").used == 0


def test_what_was_drawn_yesterday_is_not_charged_today(owner):
    [job] = make(owner, 1, width=1000, height=1000, steps=20, count=1)
    draw_and_cancel(job, 10)
    Job.objects.update(created_at=timezone.now() - timedelta(days=1))
    services.retry_job(job=job, by=owner)

    assert (rule(owner, "jobs").used, rule(owner, "work").used) == (1, 20)


def test_the_worker_notes_how_much_it_has_drawn(starter):
    job = JobFactory(version=starter, width=64, height=64, steps=4, count=2)

    jobs.run_next()

    assert Job.objects.get(pk=job.pk).drawn == 8
