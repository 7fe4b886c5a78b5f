"""The pictures of a job come one by one, each under the lease, and none is drawn or paid for twice."""

import pytest

from accounts import sanctions
from gallery.models import Picture
from generation import services
from generation.models import Job, Result
from generation.rendering import checking, jobs, reaper, storing
from generation.scheduling import leases, quotas
from generation.watching import progress
from generation.watching.herald import herald
from tests.accounts.people import administrator
from tests.factories import JobFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(starter):
    return JobFactory(version=starter, owner=UserFactory(), width=64, height=64, steps=2, count=3, seed=5)


class Killed(BaseException):
    """As when the process dies: nobody tidies up."""


@pytest.fixture
def after(monkeypatch):
    """after(2, deed): do something once the second picture of the call is stored."""

    def plan(number, deed):
        store, stored = storing.Pictures.store, []

        def and_then(self, *args):
            store(self, *args)
            stored.append(args[0])
            if len(stored) == number:
                deed()

        monkeypatch.setattr(storing.Pictures, "store", and_then)

    return plan


def die():
    raise Killed


def indexes(job):
    return list(Result.objects.filter(job=job).order_by("index").values_list("index", flat=True))


def test_a_picture_is_there_while_the_others_are_still_to_come(job, after):
    seen = []
    after(1, lambda: seen.append(progress.snapshot(job)))

    jobs.run_next()

    assert (seen[0]["state"], [picture["index"] for picture in seen[0]["pictures"]]) == ("running", [0])
    assert Picture.objects.get(pk=seen[0]["pictures"][0]["id"]).path.exists()
    assert indexes(job) == [0, 1, 2]


def test_who_takes_over_from_a_dead_worker_draws_only_what_is_missing(job, after, monkeypatch):
    after(2, die)
    with pytest.raises(Killed):
        jobs.run_next()
    before = dict(Picture.objects.values_list("pk", "sha256"))
    reaper.settle(Job.objects.running())
    drawn = []
    monkeypatch.setattr(checking, "verdict_of", lambda image: drawn.append(image))

    jobs.run_next()

    job.refresh_from_db()
    assert (job.state, indexes(job), len(drawn)) == ("done", [0, 1, 2], 1)
    assert before.items() <= dict(Picture.objects.values_list("pk", "sha256")).items()


def test_each_picture_is_the_same_whether_or_not_a_worker_died(job, starter, after):
    same = JobFactory(version=starter, width=64, height=64, steps=2, count=3, seed=5)
    after(1, die)
    with pytest.raises(Killed):
        jobs.run(leases.claim_batch("w"))
    reaper.settle(Job.objects.running())

    while Job.objects.queued().exists():
        jobs.run(leases.claim_batch("w"))

    assert seeds(job) == seeds(same) == [5, 6, 7]


def seeds(job):
    return [result.picture.recipe.seed for result in job.results.order_by("index").select_related("picture__recipe")]


def test_a_job_whose_worker_died_after_the_last_picture_is_only_ended(job, monkeypatch):
    lease = leases.claim(job.pk, "w")
    for index in range(job.count):
        one = checking.Checked(_image(), job.seed + index)
        storing.Pictures(lease, Job.objects.with_details().get(pk=job.pk)).store(index, one, {}, 0)
    reaper.settle(Job.objects.running())
    monkeypatch.setattr("generation.engine.runner.Engine.render_many", None)

    jobs.run_next()

    job.refresh_from_db()
    assert (job.state, indexes(job)) == ("done", [0, 1, 2])


def _image():
    from PIL import Image

    return Image.new("RGB", (64, 64), "red")


def test_nothing_is_stored_once_the_lease_is_gone(job, after):
    after(1, lambda: services.cancel_job(job=Job.objects.get(pk=job.pk), by=job.owner))

    jobs.run_next()

    job.refresh_from_db()
    assert (job.state, indexes(job)) == ("cancelled", [0])


def test_what_was_finished_before_a_cancel_stays_and_is_paid_once(job, after, settings):
    after(2, lambda: services.cancel_job(job=Job.objects.get(pk=job.pk), by=job.owner))
    jobs.run_next()
    job.refresh_from_db()
    size = 64 * 64 / 1e6
    assert job.drawn == 6
    services.retry_job(job=job, by=job.owner)

    jobs.run_next()

    job.refresh_from_db()
    used = {rule.rule: rule.used for rule in quotas.rules(job.owner)}
    assert (job.state, indexes(job), job.begun_with) == ("done", [0, 1, 2], 2)
    assert used["work"] == pytest.approx((6 + 2) * size)


def test_pictures_are_published_together_when_the_job_is_done(starter, after):
    job = JobFactory(version=starter, width=64, height=64, steps=2, count=3, publish=True)
    seen = []
    after(2, lambda: seen.extend(Picture.objects.values_list("visibility", flat=True)))

    jobs.run_next()

    assert seen == ["private", "private"]
    assert set(Picture.objects.filter(result__job=job).values_list("visibility", flat=True)) == {"public"}


@pytest.mark.parametrize("count", [1, 3])
def test_what_a_muted_person_asked_to_publish_stays_private(starter, count):
    job = JobFactory(version=starter, width=64, height=64, steps=2, count=count, publish=True)
    sanctions.mute(user=job.owner, reason="Spam", by=administrator())

    jobs.run_next()

    job.refresh_from_db()
    shown = Picture.objects.filter(result__job=job).values_list("visibility", "published_at")
    assert (job.state, list(shown)) == ("done", [("private", None)] * count)


def test_a_mute_while_the_pictures_are_drawn_keeps_all_of_them_private(starter, after):
    job = JobFactory(version=starter, width=64, height=64, steps=2, count=3, publish=True)
    after(2, lambda: sanctions.mute(user=job.owner, reason="Spam", by=administrator()))

    jobs.run_next()

    assert set(Picture.objects.filter(result__job=job).values_list("visibility", flat=True)) == {"private"}


def test_a_ban_while_the_pictures_are_drawn_publishes_none(starter, after):
    job = JobFactory(version=starter, width=64, height=64, steps=2, count=3, publish=True)
    after(2, lambda: sanctions.ban(user=job.owner, reason="Spam", by=administrator()))

    jobs.run_next()

    job.refresh_from_db()
    assert job.state == "cancelled"
    assert not Picture.objects.published().exists()


def test_a_ban_that_missed_the_job_keeps_its_pictures_private(starter, monkeypatch):
    job = JobFactory(version=starter, width=64, height=64, steps=2, publish=True)
    monkeypatch.setattr(sanctions, "on_ban", [])
    sanctions.ban(user=job.owner, reason="Spam", by=administrator())

    jobs.run_next()

    assert Picture.objects.get(result__job=job).visibility == "private"


def test_what_the_check_doubts_is_not_published_with_the_others(starter, monkeypatch):
    from generation.engine.output_check import OutputVerdict

    job = JobFactory(version=starter, width=64, height=64, steps=2, count=3, publish=True)
    found = iter([OutputVerdict("review"), OutputVerdict("blocked"), OutputVerdict("clean")])
    monkeypatch.setattr(checking, "verdict_of", lambda image: next(found))

    jobs.run_next()

    shown = [(result.picture.visibility, result.picture.is_blocked) for result in job.results.order_by("index")]
    assert shown == [("private", False), ("private", True), ("public", False)]


def test_a_picture_that_shows_nothing_waits_for_the_end_and_is_drawn_again(job, monkeypatch):
    real, seen = checking.verdict_of, []

    def first_is_blank(image):
        seen.append(image)
        return real(_image().point(lambda _value: 0)) if len(seen) == 1 else real(image)

    monkeypatch.setattr(checking, "verdict_of", first_is_blank)

    jobs.run_next()

    assert indexes(job) == [0, 1, 2]
    assert [row.picture.verdict.was_drawn_again for row in job.results.order_by("index")] == [True, False, False]


def test_the_way_never_goes_back(job, monkeypatch):
    said = []
    monkeypatch.setattr(herald, "say", lambda job_id, **state: said.append((state["stage"], state["percent"])))
    monkeypatch.setattr("generation.rendering.reporting.SECONDS_BETWEEN", 0)

    jobs.run_next()

    percents = [percent for _stage, percent in said]
    assert percents == sorted(percents)
    assert [stage for stage, _percent in said].count("saving") == 3


@pytest.mark.parametrize("batches", [[1, 1, 1, 1], [2, 2], [4], [3, 1]])
def test_the_percent_of_batches_grows_to_the_end(batches):
    first, percents = 0, []
    for size in batches:
        batch = progress.Batch(first, size)
        percents += [progress.percent_of_all("denoising", step, 4, batch, first, count=4) for step in range(5)]
        for index in range(first, first + size):
            for stage in ("decoding", "checking", "saving"):
                percents.append(progress.percent_of_all(stage, index, 4, batch, index, count=4))
        first += size

    assert percents == sorted(percents)
    assert percents[-1] >= 90
