"""Making a picture again says beforehand what differs, then asks for exactly the same."""

import pytest

from generation import services
from generation.asking import sources
from generation.models import Job
from generation.recipes import reruns
from generation.rendering import jobs, resident
from generation.scheduling import leases
from models_hub.models import ModelCard
from safety import services as safety
from tests.factories import (
    JobFactory,
    ModelVersionFactory,
    PictureFactory,
    RecipeFactory,
    UserFactory,
)
from tests.generation.drawn import source_of, with_file
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture
def version(settings, tmp_path):
    """A version whose weights are there."""
    settings.MODELS_DIR = tmp_path
    made = ModelVersionFactory(card__name="Starter")
    made.full_path.mkdir()
    return made


@pytest.fixture
def picture(owner, version):
    prefix, negative_prefix = safety.guard()
    recipe = RecipeFactory(
        picture=with_file(PictureFactory(owner=owner, visibility="public", published_at="2026-01-01T00:00Z")),
        version=version,
        model_name="Starter",
        model_sha256=version.sha256,
        sampler="DPM++ 2M",
        prefix=prefix,
        negative_prefix=negative_prefix,
    )
    return recipe.picture


def test_where_nothing_has_changed_nothing_is_said(picture, owner):
    assert reruns.differences(picture.recipe, owner) == []


def test_a_rerun_has_the_exact_seed_and_settings(picture, owner):
    job = reruns.rerun(picture=picture, by=owner)

    names = ("prompt", "negative_prompt", "seed", "steps", "guidance", "width", "height", "prefix")
    assert {name: getattr(job, name) for name in names} == {name: getattr(picture.recipe, name) for name in names}
    assert (job.sampler, job.count, job.remix_of) == ("dpmpp_2m", 1, picture)


def test_what_a_prompt_was_resolved_to_is_not_resolved_again(picture, owner):
    picture.recipe.prompt, picture.recipe.prompt_asked = "a {curly} cat", "a {red|curly} cat"

    job = reruns.rerun(picture=picture, by=owner)

    assert (job.prompt, job.prompt_asked) == ("a {curly} cat", "a {red|curly} cat")


def change(recipe, version, what):
    lora = {"name": "Ink", "sha256": "f" * 64, "weight": 0.5}
    changes = {
        "a lora that is gone": lambda: setattr(recipe, "loras", [lora]),
        "other words in front": lambda: setattr(recipe, "prefix", "something else"),
        "another library": lambda: recipe.facts.update(versions={"django": "1.0"}),
        "an unknown sampler": lambda: setattr(recipe, "sampler", "Magic"),
        "another version": lambda: setattr(recipe, "model_sha256", "e" * 64),
    }
    changes[what]()


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("a lora that is gone", "Ink"),
        ("other words in front", "other words"),
        ("another library", "django 1.0"),
        ("an unknown sampler", "Magic"),
        ("another version", "version"),
    ],
)
def test_what_differs_is_said_and_does_not_hinder(picture, owner, version, what, words):
    change(picture.recipe, version, what)

    (sentence,) = reruns.differences(picture.recipe, owner)

    assert words in sentence
    assert reruns.rerun(picture=picture, by=owner).seed == picture.recipe.seed


def test_another_device_is_said(picture, owner, monkeypatch):
    picture.recipe.facts = {"device": "cuda", "dtype": "bfloat16"}
    worker = {"name": "w", "device": "cpu", "dtype": "float32"}
    monkeypatch.setattr(reruns.workers_report, "live_workers", lambda: [worker])

    sentences = " ".join(reruns.differences(picture.recipe, owner))

    assert "cuda" in sentences
    assert "float32" in sentences
    picture.recipe.facts = {"device": "cpu", "dtype": "float32"}
    assert reruns.differences(picture.recipe, owner) == []


@pytest.mark.parametrize("gone", ["card", "weights"])
def test_without_its_model_a_picture_cannot_be_made_again(picture, owner, version, gone):
    if gone == "card":
        ModelCard.objects.update(status=ModelCard.Status.WITHDRAWN)
    else:
        version.full_path.rmdir()

    with pytest.raises(DomainError) as refused:
        reruns.rerun(picture=picture, by=owner)

    assert refused.value.status == 409
    assert not Job.objects.exists()


def made_from(picture, source, **fields):
    """`picture` as the result of an img2img job."""
    picture.recipe.kind, picture.recipe.strength = fields.get("kind", "img2img"), 0.5
    picture.recipe.save()
    asked = {"version": picture.recipe.version, "prompt": "x", "source": source, **fields}
    job = services.submit_job(owner=source.owner, **asked)
    job.results.create(index=0, picture=picture)
    return job


def test_a_rerun_starts_from_the_same_source(picture, owner):
    source = source_of(owner)
    made_from(picture, source)

    job = reruns.rerun(picture=picture, by=owner)

    assert (job.source, job.strength, job.kind) == (source, 0.5, "img2img")


def test_a_source_that_is_gone_is_said(picture, owner):
    source = source_of(owner)
    made_from(picture, source)
    source.path.unlink()

    assert reruns.plan(picture.recipe, owner).obstacles == ["The picture it started from is gone."]


def test_others_get_neither_uploads_nor_masks(picture, owner):
    mask = source_of(owner, role="mask", colour="white")
    made_from(picture, source_of(owner), kind="inpaint", mask=mask)

    assert len(reruns.plan(picture.recipe, UserFactory()).obstacles) == 2


def test_others_start_from_a_public_source_by_a_copy_of_their_own(picture, owner):
    original = with_file(PictureFactory(visibility="public"))
    made_from(picture, sources.store_source(owner=owner, picture=original))
    other = UserFactory()

    assert reruns.rerun(picture=picture, by=other).source.owner == other


def test_variations_are_made_from_the_picture_with_new_seeds(picture):
    other = UserFactory()

    job = reruns.vary(picture=picture, by=other)

    assert (job.kind, job.strength, job.count, job.is_variation) == ("img2img", 0.5, 4, True)
    assert (job.source.picture, job.prompt) == (picture, picture.recipe.prompt)


def test_a_picture_that_must_not_be_reused_is_not_varied(picture):
    picture.may_be_reused = False
    picture.save()

    with pytest.raises(DomainError) as refused:
        reruns.vary(picture=picture, by=UserFactory())

    assert refused.value.code == "not_reusable"


@pytest.mark.parametrize("deed", ["rerun", "variations"])
@pytest.mark.parametrize(("who", "jobs"), [("guest", 0), ("owner", 1), ("other", 1)])
def test_a_published_picture_can_be_made_again_by_whoever_signs_in(client, picture, owner, deed, who, jobs):
    if who != "guest":
        client.force_login(owner if who == "owner" else UserFactory())
    address = f"/pictures/{picture.pk}/{deed}/"

    client.get(address)
    assert not Job.objects.exists()
    client.post(address)

    assert Job.objects.count() == jobs


@pytest.mark.parametrize("deed", ["rerun", "variations"])
def test_a_private_picture_is_made_again_by_its_owner_alone(client, picture, deed):
    picture.visibility = "private"
    picture.save()
    client.force_login(UserFactory())

    assert client.post(f"/pictures/{picture.pk}/{deed}/").status_code == 404


def test_the_page_says_what_differs_before_anything_is_asked(client, picture, owner):
    picture.recipe.facts = {"versions": {"django": "1.0"}}
    picture.recipe.save()
    client.force_login(owner)

    assert "django 1.0" in client.get(f"/pictures/{picture.pk}/rerun/").content.decode()


@pytest.mark.engine
def test_a_rerun_gives_the_same_pixels(starter, owner):
    services.submit_job(owner=owner, version=starter, prompt="a red apple", seed=7, upscale=1)
    first = drawn()
    reruns.rerun(picture=first, by=owner)

    again = drawn()

    assert again.pk != first.pk
    assert again.sha256 == first.sha256


def drawn():
    lease = leases.claim_next("test")
    jobs.run([lease])
    return Job.objects.get(pk=lease.job_id).results.get().picture


@pytest.mark.engine
def test_a_small_model_is_compared_with_how_this_machine_draws_small_ones(starter, monkeypatch):
    job = JobFactory(version=starter)
    jobs.run_next()
    report = resident.engine().report() | {"name": "w", "dtype": "bfloat16", "threads": 64}
    monkeypatch.setattr(reruns.workers_report, "live_workers", lambda: [report])

    recipe = job.results.get().picture.recipe

    assert reruns.differences(recipe, job.owner) == []
    report["small"] = {"dtype": "bfloat16", "threads": 1}
    assert "bfloat16" in " ".join(reruns.differences(recipe, job.owner))
