import threading

import pytest
from django.db import connection

from accounts.models import User
from generation import services
from generation.models import Job
from models_hub.models import ModelCard
from tests.factories import JobFactory, ModelCardFactory, ModelVersionFactory, UserFactory
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def version():
    return ModelVersionFactory()


@pytest.fixture
def owner():
    return UserFactory()


def test_what_is_not_asked_for_comes_from_the_version(owner, version):
    version.settings = {"steps": 9, "width": 96, "height": 128, "guidance": 2.5, "sampler": "euler"}

    job = services.submit_job(owner=owner, version=version, prompt="a red apple")

    assert (job.steps, job.width, job.height, job.guidance, job.sampler) == (9, 96, 128, 2.5, "euler")
    assert 0 <= job.seed < 2**32
    assert job.state == Job.State.QUEUED


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": "   "}, "prompt"),
        ({"prompt": "x" * 10_000}, "prompt"),
        ({"prompt": "nul\x00"}, "prompt"),
        ({"negative_prompt": "nul\x00"}, "negative_prompt"),
        ({"steps": 0}, "steps"),
        ({"steps": -1}, "steps"),
        ({"steps": 10**6}, "steps"),
        ({"guidance": float("nan")}, "guidance"),
        ({"guidance": 31}, "guidance"),
        ({"width": 130}, "width"),
        ({"height": 8}, "height"),
        ({"width": 100_000}, "width"),
        ({"width": 1024, "height": 1024}, "width"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
        ({"count": 0}, "count"),
        ({"count": 9}, "count"),
        ({"sampler": "magic"}, "sampler"),
        ({"upscale": 3}, "upscale"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_its_field(owner, version, asked, field):
    with pytest.raises(DomainError) as refusal:
        services.submit_job(owner=owner, version=version, **{"prompt": "a red apple", **asked})

    assert refusal.value.field == field
    assert str(refusal.value)
    assert not Job.objects.exists()


@pytest.mark.parametrize("prompt", ["🍎🍏", "تفاحة حمراء", "一个红苹果", "a\nb\tc", "‮apple"])
def test_any_script_is_a_prompt(owner, version, prompt):
    assert services.submit_job(owner=owner, version=version, prompt=prompt).prompt == prompt


@pytest.mark.parametrize(
    "card",
    [
        {"kind": ModelCard.Kind.LORA},
        {"status": ModelCard.Status.DRAFT},
        {"status": ModelCard.Status.WITHDRAWN},
    ],
)
def test_only_a_published_checkpoint_draws(owner, card):
    version = ModelVersionFactory(card=ModelCardFactory(**card))

    with pytest.raises(DomainError) as refusal:
        services.submit_job(owner=owner, version=version, prompt="a red apple")

    assert refusal.value.field == "model"


def test_a_lora_of_another_family_is_refused(owner, version):
    lora = ModelVersionFactory(card=ModelCardFactory(kind=ModelCard.Kind.LORA, family="sdxl"))

    with pytest.raises(DomainError) as refusal:
        services.submit_job(owner=owner, version=version, prompt="a red apple", loras=[(lora, 1.0)])

    assert refusal.value.code == "incompatible"


def test_more_jobs_than_the_quota_are_refused(owner, version, settings):
    settings.MAX_ACTIVE_JOBS = 2
    JobFactory.create_batch(2, owner=owner, version=version)

    with pytest.raises(services.QuotaExceeded) as refusal:
        services.submit_job(owner=owner, version=version, prompt="a red apple")

    assert refusal.value.status == 429
    assert refusal.value.retry_after


def test_the_same_key_gives_the_same_job(owner, version):
    first = services.submit_job(owner=owner, version=version, prompt="a red apple", idempotency_key="k")
    again = services.submit_job(owner=owner, version=version, prompt="a red apple", idempotency_key="k")

    assert first == again
    assert again.replayed


def test_the_same_key_for_another_request_is_refused(owner, version):
    services.submit_job(owner=owner, version=version, prompt="a red apple", idempotency_key="k")

    with pytest.raises(DomainError) as refusal:
        services.submit_job(owner=owner, version=version, prompt="a blue apple", idempotency_key="k")

    assert refusal.value.status == 422


@pytest.mark.django_db(transaction=True)
def test_a_hundred_requests_at_once_with_one_key_make_one_job():
    owner, version, made = UserFactory(), ModelVersionFactory(), []

    def submit():
        try:
            user = User.objects.get(pk=owner.pk)
            job = services.submit_job(owner=user, version=version, prompt="a red apple", idempotency_key="k")
            made.append(job.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=submit) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 100
    assert set(made) == {Job.objects.get().pk}
