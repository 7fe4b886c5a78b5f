"""Jobs of several users in one call: who joins, and that each keeps its own fate."""

import numpy as np
import pytest
from django.utils import timezone
from PIL import Image

from gallery.models import Picture
from generation import services
from generation.engine.errors import EngineError
from generation.models import Job
from generation.rendering import jobs, reaper, resident
from generation.scheduling import batching, leases
from generation.scheduling.capabilities import Needs
from generation.scheduling.scheduler import Waiting
from generation.watching.herald import herald
from tests.factories import JobFactory, ModelVersionFactory, UserFactory

pytestmark = pytest.mark.django_db
ROOM = batching.CPU_PIXELS


def make(version, number=1, **fields):
    """Waiting jobs with their batch keys, each of its own user unless one is given."""
    found = JobFactory.build_batch(number, version=version, **fields)
    for job in found:
        job.owner = fields.get("owner") or UserFactory()
        job.batch_key = batching.key(job)
        job.save()
    return found


def claimed(pixels=ROOM):
    return {lease.job_id for lease in leases.claim_batch("worker", pixels=pixels)}


def ids(found):
    return {job.pk for job in found}


@pytest.fixture
def version():
    return ModelVersionFactory()


def test_compatible_jobs_of_several_users_are_taken_together(version):
    found = make(version, 4)

    taken = leases.claim_batch("worker", pixels=ROOM)

    assert {lease.job_id for lease in taken} == ids(found)
    assert len({lease.token for lease in taken}) == 4
    assert Job.objects.running().filter(worker="worker", attempts=1).count() == 4


@pytest.mark.parametrize(
    "other",
    [{"steps": 5}, {"width": 64}, {"sampler": "euler"}, {"guidance": 2.0}, {"clip_skip": 2}, {"kind": "img2img"}],
)
def test_jobs_that_differ_in_how_they_are_drawn_stay_apart(version, other):
    first = make(version)
    make(version, **other)

    assert claimed() == ids(first)


def test_jobs_of_other_models_and_loras_have_other_keys(version):
    job, lora = JobFactory.build(version=version), ModelVersionFactory()
    other = JobFactory.build(version=ModelVersionFactory())
    keys = {batching.key(job), batching.key(other), batching.key(job, loras=[(lora, 1.0)])}
    keys |= {batching.key(job, loras=[(lora, 0.5)]), batching.key(job, embeddings=[lora])}

    assert len(keys) == 5


def test_words_seeds_and_numbers_of_pictures_may_differ(version):
    one, other = JobFactory.build(version=version), JobFactory.build(version=version, prompt="x", seed=9, count=3)

    assert batching.key(one) == batching.key(other)


def test_a_batch_has_a_bound(version, settings):
    settings.BATCH_JOBS = 3
    make(version, 5)

    assert len(claimed()) == 3


def test_pictures_count_not_jobs(version):
    make(version, 1, count=4)
    make(version, 3, count=2)

    assert len(claimed()) == 3


def test_pixels_are_bounded_by_memory(version):
    make(version, 4)

    assert len(claimed(pixels=128 * 128 * 3)) == 3


def test_the_first_job_is_taken_however_large(version):
    make(version, 2, count=4)

    assert len(claimed(pixels=128 * 128)) == 1


def test_users_share_a_batch_fairly(version, settings):
    settings.BATCH_JOBS = 4
    greedy = UserFactory()
    make(version, 6, owner=greedy)
    others = make(version, 2)

    taken = claimed()

    assert ids(others) < taken
    assert len(taken) == 4


def test_bulk_does_not_slow_down_what_somebody_waits_for(version):
    bulk, single = make(version, 2, is_bulk=True), make(version, 2)

    assert claimed() == ids(single)
    assert claimed() == ids(bulk)


def test_held_and_keyless_jobs_do_not_join(version):
    first = make(version)
    make(version, state="held")
    JobFactory(version=version)

    assert claimed() == ids(first)


def test_what_a_worker_was_lost_over_is_drawn_alone(version):
    first, second = make(version, 2)
    Job.objects.filter(pk=second.pk).update(attempts=1)

    assert claimed() == {first.pk}
    make(version)
    assert [len(claimed()), len(claimed())] == [1, 1]


def test_the_crash_of_a_worker_gives_all_of_them_back(version):
    make(version, 3)
    taken = leases.claim_batch("worker", pixels=ROOM)

    reaper.release("worker")

    assert Job.objects.queued().count() == 3
    assert not any(lease.renew() for lease in taken)


def test_one_heartbeat_keeps_them_all_but_not_what_was_lost(version):
    make(version, 3)
    taken = leases.claim_batch("worker", pixels=ROOM)
    Job.objects.update(lease_until=None)
    Job.objects.filter(pk=taken[0].job_id).update(lease_token=None)

    leases.Heartbeat(*taken).renew()

    assert Job.objects.filter(lease_until=None).count() == 1


def pixels(job):
    with Image.open(job.results.get().picture.path) as image:
        return np.asarray(image).astype(int)


@pytest.mark.engine
def test_a_batch_draws_what_each_would_have_been_alone(starter, settings):
    together = [make(starter, seed=seed, prompt=prompt)[0] for seed, prompt in ((1, "a red apple"), (2, "a blue cup"))]
    jobs.run_next()
    settings.BATCH_JOBS = 1
    alone = [make(starter, seed=job.seed, prompt=job.prompt)[0] for job in together]
    for _job in alone:
        jobs.run_next()

    assert Job.objects.filter(state="done").count() == 4
    for one, other in zip(together, alone, strict=True):
        assert np.abs(pixels(one) - pixels(other)).mean() < 2
    assert np.abs(pixels(together[0]) - pixels(together[1])).mean() > 5


@pytest.mark.engine
def test_cancelling_one_leaves_the_others_to_be_drawn(starter, monkeypatch):
    found = make(starter, 3, steps=12)
    say = herald.say

    def cancel_the_second(job_id, *, stage, step, **more):
        say(job_id, stage=stage, step=step, **more)
        if stage == "denoising" and step >= 2 and Job.objects.running().filter(pk=found[1].pk).exists():
            services.cancel_job(job=found[1], by=found[1].owner)

    monkeypatch.setattr(herald, "say", cancel_the_second)
    monkeypatch.setattr("generation.rendering.reporting.SECONDS_BETWEEN", 0)
    jobs.run_next()

    assert [Job.objects.get(pk=job.pk).state for job in found] == ["done", "cancelled", "done"]
    assert Picture.objects.count() == 2


@pytest.mark.engine
def test_one_bad_job_fails_alone(starter):
    found = make(starter, 3)
    Job.objects.filter(pk=found[1].pk).update(steps=0)
    Job.objects.update(batch_key="same")

    jobs.run_next()

    assert [Job.objects.get(pk=job.pk).state for job in found] == ["done", "failed", "done"]


@pytest.mark.engine
def test_time_that_runs_out_ends_the_whole_batch(starter, monkeypatch):
    found = make(starter, 2)

    def too_long(_members, fatal):
        raise fatal[0]("1 s")

    monkeypatch.setattr(resident.engine(), "render_many", too_long)
    jobs.run_next()

    assert {Job.objects.get(pk=job.pk).error_code for job in found} == {"timeout"}


@pytest.mark.engine
def test_an_error_of_the_engine_is_told_to_the_one_it_befell(starter, monkeypatch):
    found, engine = make(starter, 2), resident.engine()
    render_many = engine.render_many

    def second_fails(members, **more):
        return [*render_many(members[:1], **more), EngineError()]

    monkeypatch.setattr(engine, "render_many", second_fails)
    jobs.run_next()

    states = {job.pk: Job.objects.get(pk=job.pk) for job in found}
    assert sorted(job.state for job in states.values()) == ["done", "failed"]
    assert all(job.failure for job in states.values() if job.state == "failed")


@pytest.mark.engine
def test_a_worker_that_is_asked_to_stop_returns_the_whole_batch(starter, monkeypatch):
    make(starter, 3)
    monkeypatch.setattr(herald, "say", lambda *_args, **_rest: resident.ask_to_stop())

    jobs.run_next()

    assert Job.objects.queued().filter(attempts=0, lease_token=None).count() == 3


def test_one_user_alone_fills_a_call(version):
    mine = make(version, 9, owner=UserFactory())

    assert claimed() == ids(mine[:8])


def test_while_another_waits_a_call_holds_no_more_than_the_fair_share_of_one_user(version):
    greedy = UserFactory()
    make(version, 20, owner=greedy)
    JobFactory(version=version, width=256)  # of a size that fits no call of theirs

    taken = [claimed() for _call in range(2)]

    assert sorted(len(call) for call in taken) == [1, 4]


def test_jobs_of_others_join_before_more_of_the_same_user(version):
    greedy = UserFactory()
    make(version, 20, owner=greedy)
    other, third = make(version, 3, owner=UserFactory()), make(version, 1)

    taken = Job.objects.filter(pk__in=claimed())

    assert ids(other) | ids(third) <= {job.pk for job in taken}
    assert sum(job.owner == greedy for job in taken) == 3  # of eight places, with three users


def test_bulk_of_others_takes_nothing_from_a_single_users_call(version):
    make(version, 8, owner=UserFactory())
    make(version, 8, owner=UserFactory(), is_bulk=True)

    assert len(claimed()) == 8


def test_a_call_stays_short(version):
    seconds = {"load": 0, "denoise": 2.9, "decode": 0, "upscale": 0, "save": 0}
    for job in make(version, 3, state="done", seconds=seconds):
        Job.objects.filter(pk=job.pk).update(finished_at=timezone.now())
    make(version, 8, owner=UserFactory())

    assert len(claimed()) == 2
    assert 3 * 3 > batching.CALL_SECONDS > 2 * 3


def entry(name, owner, count=1):
    needs = Needs("m", 100, "starter", "m")
    return Waiting(name, owner, 1, False, timezone.now(), 128, 128, count, 20, 1, needs)


def test_no_smaller_job_slips_past_a_larger_one_of_its_owner():
    row = [entry("large", "a", count=4), entry("small", "a"), entry("other", "b")]

    chosen = batching.fill(entry("first", "a"), row, pixels=batching.CPU_PIXELS, share=4)

    assert [one.id for one in chosen] == ["other"]
