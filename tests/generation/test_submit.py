import threading

import pytest
from django.db import connection

from accounts.models import User
from generation import services
from generation.asking import resources
from generation.models import Job
from generation.rendering import jobs
from models_hub.models import ModelCard
from tests.factories import JobFactory, ModelCardFactory, ModelVersionFactory, UserFactory
from tests.generation.drawn import source_of
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


@pytest.fixture
def source(owner):
    return source_of(owner, size=(512, 256))


def ask(owner, version, **asked):
    return services.submit_job(owner=owner, version=version, **{"prompt": "a red apple", **asked})


def refused(owner, version, **asked):
    with pytest.raises(DomainError) as refusal:
        ask(owner, version, **asked)
    assert not Job.objects.exists()
    return refusal.value


def test_without_a_size_the_source_gives_it(owner, version, source):
    job = ask(owner, version, source=source)

    assert (job.kind, job.width, job.height, job.strength) == ("img2img", 176, 88, 0.6)


def test_the_kind_follows_from_what_is_given(owner, version, source):
    mask = source_of(owner, role="mask", colour="white")

    assert ask(owner, version, source=source, mask=mask).kind == "inpaint"
    assert ask(owner, version, source=source, outpaint={"left": 32}).kind == "outpaint"
    assert ask(owner, version).kind == "txt2img"


def test_an_outpainted_picture_is_larger_by_its_sides(owner, version, source):
    job = ask(owner, version, kind="outpaint", source=source, outpaint={"left": 32, "top": 16})

    assert (job.width, job.height) == (176 + 32, 88 + 16)


def test_what_a_kind_does_not_read_is_not_kept(owner, version, source):
    job = ask(owner, version, kind="txt2img", source=source, strength=0.3, outpaint={"left": 8})

    assert (job.source, job.strength, job.outpaint) == (None, None, {})


def test_an_enlargement_needs_no_prompt(owner, version, source):
    job = ask(owner, version, kind="upscale", source=source, prompt="")

    assert (job.upscale, job.width, job.height, job.count) == (4, 512, 256, 1)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"kind": "magic"}, "kind"),
        ({"kind": "img2img", "source": None}, "source"),
        ({"kind": "inpaint"}, "mask"),
        ({"kind": "outpaint"}, "outpaint"),
        ({"kind": "outpaint", "outpaint": {"left": 7}}, "outpaint_left"),
        ({"kind": "outpaint", "outpaint": {"top": 4096}}, "outpaint_top"),
        ({"kind": "outpaint", "outpaint": {"top": 512, "bottom": 512}}, "outpaint"),
        ({"strength": 1.5}, "strength"),
        ({"strength": 0.1, "steps": 4}, "strength"),
        ({"strength": float("nan")}, "strength"),
        ({"mask_blur": 65}, "mask_blur"),
        ({"clip_skip": 0}, "clip_skip"),
    ],
)
def test_a_source_is_refused_at_its_field(owner, version, source, asked, field):
    asked = {"source": source, "mask_blur": 4, **asked}
    if field == "mask_blur":
        asked["mask"] = source_of(owner, role="mask", colour="white")

    refusal = refused(owner, version, **asked)

    assert refusal.field == field
    assert "%(" not in str(refusal)


def test_somebody_elses_source_is_as_good_as_none(owner, version):
    assert refused(owner, version, source=source_of(UserFactory())).field == "source"


def resource(kind, family="starter", **fields):
    return ModelVersionFactory(card=ModelCardFactory(kind=kind, family=family, **fields))


def test_all_that_does_not_fit_is_told_at_once_with_what_to_remove(owner, version):
    fitting = resource("lora", name="Fits")
    lora, vae = resource("lora", "sdxl", name="Ink"), resource("vae", "sd1", name="Soft")

    refusal = refused(owner, version, loras=[(fitting, 1.0), (lora, 1.0)], vae=vae)

    assert (refusal.code, refusal.field) == ("incompatible", "resources")
    assert refusal.slugs == [lora.card.slug, vae.card.slug]
    assert "“Ink” (LoRA, SDXL), “Soft” (VAE, SD 1.x)" in str(refusal)
    assert "Fits" not in str(refusal)


@pytest.mark.parametrize(
    ("kind", "family", "model", "fits"),
    [
        ("lora", "sd2", "sd2-v", True),
        ("lora", "sd1", "sd2", False),
        ("vae", "sd1", "sd2", True),
        ("vae", "sdxl", "sd1", False),
        ("embedding", "sd1", "sd1", True),
        ("controlnet", "sd1", "sdxl", False),
    ],
)
def test_families_that_share_an_architecture_fit(kind, family, model, fits):
    assert resources.fits(kind, ModelCard(family=family), ModelCard(family=model)) == fits


def test_what_was_withdrawn_meanwhile_is_told_by_name(owner, version):
    gone = resource("embedding", name="Old", status=ModelCard.Status.WITHDRAWN)

    assert refused(owner, version, embeddings=[gone]).slugs == [gone.card.slug]


def test_a_controlnet_follows_the_source_unless_it_has_a_guide(owner, version, source):
    control = resource("controlnet")

    assert refused(owner, version, control=control).field == "control_source"
    assert ask(owner, version, control=control, source=source, preprocessor="edges").control_source == source


def test_everything_worn_is_kept_with_the_job(owner, version):
    embedding, vae, lora = resource("embedding"), resource("vae"), resource("lora")

    job = ask(owner, version, embeddings=[embedding], vae=vae, loras=[(lora, 0.7)], count=8)

    assert (list(job.embeddings.all()), job.vae, job.loras.get().weight, job.count) == ([embedding], vae, 0.7, 8)


def test_a_job_whose_model_was_withdrawn_is_not_tried_again():
    job = JobFactory(state="failed")
    ModelCard.objects.filter(pk=job.version.card_id).update(status="withdrawn")
    job = Job.objects.get(pk=job.pk)

    with pytest.raises(DomainError) as refusal:
        services.retry_job(job=job, by=job.owner)

    assert refusal.value.code == "bad_model"
    assert not Job.objects.queued().exists()


def test_a_model_that_was_withdrawn_while_its_job_waited_draws_nothing():
    job = JobFactory()
    ModelCard.objects.filter(pk=job.version.card_id).update(status="withdrawn")

    jobs.run_next()

    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "model_withdrawn")
