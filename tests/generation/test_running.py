import numpy as np
import pytest
from django.utils import timezone
from PIL import Image

from gallery.models import Picture
from generation import services
from generation.models import Job
from generation.rendering import finishing, jobs, resident
from generation.scheduling import leases
from generation.watching import progress
from generation.watching.herald import herald
from tests.factories import JobFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def job(starter):
    return JobFactory(version=starter)


def pixels(picture):
    return np.asarray(Image.open(picture.path))


def test_a_finished_job_leaves_its_pictures_with_their_recipes(starter):
    job = JobFactory(version=starter, count=2, seed=7)

    jobs.run_next()

    job.refresh_from_db()
    assert job.state == Job.State.DONE
    pictures = [result.picture for result in job.results.all()]
    assert [picture.recipe.seed for picture in pictures] == [7, 8]
    assert all(pixels(picture).std() > 5 for picture in pictures)
    assert {"queue", "load", "denoise", "decode", "save"} <= set(job.seconds)
    assert pictures[0].visibility == Picture.Visibility.PRIVATE


def test_a_ticket_delivered_twice_draws_once(job):
    jobs.run_next()
    jobs.run_next()

    assert Picture.objects.count() == 1


def test_a_job_that_ends_counts_one_use_of_its_model_however_often_it_is_delivered(job, monkeypatch):
    finish = finishing.finish_job

    def twice(*given):
        ended = finish(*given)
        with pytest.raises(finishing.LeaseLost):
            finish(*given)
        return ended

    monkeypatch.setattr(finishing, "finish_job", twice)
    jobs.run_next()
    jobs.run_next()

    job.version.refresh_from_db()
    job.version.card.refresh_from_db()
    assert (job.version.uses, job.version.card.uses) == (1, 1)


def test_the_same_recipe_gives_the_same_pixels(starter):
    first, second = JobFactory(version=starter, seed=5), JobFactory(version=starter, seed=5)

    jobs.run_next()
    jobs.run_next()

    one, other = (job.results.get().picture for job in (first, second))
    assert np.array_equal(pixels(one), pixels(other))


def test_a_job_that_asks_for_it_is_published_when_done(starter):
    job = JobFactory(version=starter, publish=True)

    jobs.run_next()

    assert job.results.get().picture in Picture.objects.published()


def test_the_file_says_how_it_was_made_and_that_ai_made_it(job):
    jobs.run_next()

    with Image.open(job.results.get().picture.path) as image:
        text, xmp = image.text["parameters"], image.text["XML:com.adobe.xmp"]
    assert text.startswith("a red apple\n")
    assert "Steps: 4, Sampler: DPM++ 2M, CFG scale: 3, Seed: 7, Size: 128x128" in text
    assert "trainedAlgorithmicMedia" in xmp
    assert "TC260:AIGC" in xmp


def test_the_guard_words_are_drawn_and_recorded(starter):
    plain, guarded = JobFactory(version=starter), JobFactory(version=starter, prefix="blue background")

    jobs.run_next()
    jobs.run_next()

    one, other = (job.results.get().picture for job in (plain, guarded))
    assert other.recipe.prefix == "blue background"
    assert not np.array_equal(pixels(one), pixels(other))


def test_cancelling_stops_the_engine_within_two_steps(starter, monkeypatch):
    job = JobFactory(version=starter, steps=30)
    seen = []

    def say(job_id, *, stage, step, **_rest):
        seen.append((stage, step))
        if stage == "denoising" and step == 3:
            services.cancel_job(job=job, by=job.owner)

    monkeypatch.setattr(herald, "say", say)
    monkeypatch.setattr("generation.rendering.reporting.SECONDS_BETWEEN", 0)
    jobs.run_next()

    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert max(step for stage, step in seen if stage == "denoising") <= 5
    assert not Picture.objects.exists()


def test_a_worker_that_is_asked_to_stop_returns_its_job(job, monkeypatch):
    monkeypatch.setattr(herald, "say", lambda *_args, **_rest: resident.ask_to_stop())

    jobs.run_next()

    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease_token) == (Job.State.QUEUED, 0, None)


def test_a_lost_lease_stores_nothing(job, monkeypatch, tmp_path):
    finish = finishing.finish_job

    def too_late(lease, *rest):
        Job.objects.filter(pk=lease.job_id).update(lease_token=None, state=Job.State.QUEUED)
        return finish(lease, *rest)

    monkeypatch.setattr(finishing, "finish_job", too_late)
    jobs.run_next()

    job.refresh_from_db()
    assert job.state == Job.State.QUEUED
    assert not Picture.objects.exists()
    assert not list((tmp_path / "media").rglob("*.png"))


def test_missing_weights_fail_the_job_with_a_sentence(starter, tmp_path):
    starter.path = str(tmp_path / "gone")
    starter.save()
    job = JobFactory(version=starter)
    resident.engine.cache_clear()

    jobs.run_next()

    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert job.failure
    assert "Traceback" not in job.failure


def test_weights_that_were_changed_are_not_loaded(starter):
    starter.files.filter(name="unet/diffusion_pytorch_model.safetensors").update(sha256="0" * 64)
    starter.sha256 = "1" * 64
    starter.save()
    job = JobFactory(version=starter)
    resident.engine.cache_clear()

    jobs.run_next()

    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.FAILED, "bad_checksum")


def test_an_unexpected_fault_fails_the_job_and_is_raised(job, monkeypatch):
    def broken(_job):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("generation.recipes.specs.render_spec", broken)
    with pytest.raises(RuntimeError):
        jobs.run_next()

    job.refresh_from_db()
    assert job.error_code == "internal"
    assert "secret" not in job.failure


def test_a_failed_job_can_be_tried_again(starter):
    job = JobFactory(
        version=starter, state=Job.State.FAILED, attempts=3, error_code="worker_lost", finished_at=timezone.now()
    )

    services.retry_job(job=job, by=job.owner)
    jobs.run_next()

    job.refresh_from_db()
    assert (job.state, job.attempts, job.error_code) == (Job.State.DONE, 1, "")


@pytest.mark.parametrize("deed", [services.cancel_job, services.retry_job])
def test_nobody_touches_another_users_job(job, deed):
    with pytest.raises(Exception, match="somebody else"):
        deed(job=job, by=UserFactory())


def test_the_place_in_the_queue_counts_down(starter):
    first, second = JobFactory(version=starter), JobFactory(version=starter)

    assert [progress.snapshot(job)["place"] for job in (first, second)] == [1, 2]
    leases.claim(first.pk, "worker")
    from django.core.cache import cache

    cache.clear()
    assert [progress.snapshot(job)["place"] for job in (first, second)] == [None, 1]
