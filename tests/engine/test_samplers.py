"""Every sampler on offer, drawn for real, and its names in other programs."""

import numpy
import pytest

from generation.engine.sampler_names import from_label
from generation.engine.samplers import RECOMMENDED, SAMPLERS, build_scheduler, grouped
from generation.engine.spec import RenderSpec

# Of mean colours on a 16x16 grid, the correlation with the apple of DPM++ 2M. All samplers are above 0.98; the same
# apple of another seed has 0.99, an orange 0.77, a strawberry 0.61, a lemon 0.59.
LIKENESS = 0.95


def pixels(image):
    return numpy.asarray(image).astype(int)


def likeness(one, other):
    small = [pixels(image.resize((16, 16))).ravel() for image in (one, other)]
    return numpy.corrcoef(*small)[0, 1]


@pytest.fixture(scope="module")
def reference(engine, starter):
    """(spec, picture) of the apple that the others are compared with, drawn by DPM++ 2M."""
    spec = RenderSpec(starter, "a red apple", (7,), steps=20, guidance=2.0)
    return spec, engine.render(spec).images[0]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_sampler_repeats_and_batches_like_pictures_alone(engine, small, vary, sampler):
    spec = vary(small, sampler=sampler, steps=5)

    alone, again = engine.render(spec).images[0], engine.render(spec).images[0]
    batch = engine.render(vary(spec, seeds=(3, spec.seeds[0]))).images

    assert (pixels(alone) == pixels(again)).all()
    assert abs(pixels(alone) - pixels(batch[1])).max() <= 2
    assert abs(pixels(batch[0]) - pixels(batch[1])).max() > 2


@pytest.mark.engine
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_draws_the_starters_apple(engine, reference, vary, sampler):
    spec, known = reference

    image = engine.render(vary(spec, sampler=sampler)).images[0]

    assert likeness(image, known) > LIKENESS


@pytest.mark.parametrize("sampler", ["lcm", "tcd"])
def test_samplers_for_distilled_models_take_any_number_of_steps(engine, small, vary, sampler):
    assert pixels(engine.render(vary(small, sampler=sampler, steps=60)).images[0]).std() > 0


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_one_step_draws(engine, small, vary, sampler):
    assert pixels(engine.render(vary(small, sampler=sampler, steps=1)).images[0]).std() > 0


def test_the_linear_multistep_sampler_solves_a_known_equation():
    import torch

    # With a model that says x / sqrt(1 + s^2) of the noise, dx/ds = x s / (1 + s^2): x grows as sqrt(1 + s^2).
    scheduler = build_scheduler("lms", {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"})
    scheduler.set_timesteps(60)
    x = start = torch.sqrt(1 + scheduler.sigmas[0] ** 2).reshape(1, 1, 1, 1)

    for timestep, sigma in zip(scheduler.timesteps, scheduler.sigmas[:-1], strict=True):
        scheduler.scale_model_input(x, timestep)
        x = scheduler.step(x * sigma / (1 + sigma**2), timestep, x).prev_sample

    assert x.item() == pytest.approx(1.0, abs=0.01)
    assert start.item() > 10


@pytest.mark.parametrize("sampler", SAMPLERS.values(), ids=SAMPLERS)
def test_a_sampler_is_found_by_its_own_names(sampler):
    assert from_label(sampler.label) is from_label(sampler.slug) is sampler


@pytest.mark.parametrize(
    ("label", "schedule", "slug"),
    [
        ("DPM++ 2M", "Karras", "dpmpp_2m_karras"),
        ("DPM++ 2M Karras", "Karras", "dpmpp_2m_karras"),
        ("dpmpp_2m_sde_gpu", "karras", "dpmpp_2m_sde_karras"),
        ("euler_ancestral", "normal", "euler_a"),
        ("Euler A", "Automatic", "euler_a"),
        ("k_lms", "", "lms"),
        ("dpmpp_2m_k", "", "dpmpp_2m_karras"),
        ("UniPCMultistepScheduler", "", "unipc"),
        ("LMSDiscreteScheduler", "", "lms"),
        ("dpm_2_ancestral", "", "dpm2_a"),
    ],
)
def test_names_of_other_programs_are_understood(label, schedule, slug):
    assert from_label(label, schedule).slug == slug


@pytest.mark.parametrize("label", ["", "DPM adaptive", "DPM++ 2S a", "x" * 10_000, "karras", "\0"])
def test_an_unknown_name_is_nobody(label):
    assert from_label(label) is None


def test_a_schedule_that_no_sampler_here_has_is_not_passed_over():
    assert from_label("Euler", "polyexponential") is None


def test_the_groups_hold_every_sampler_once():
    groups = grouped()

    assert groups[0][0] == RECOMMENDED
    assert sorted(one.slug for _, members in groups for one in members) == sorted(SAMPLERS)
    assert all(members for _, members in groups)
