"""Drawing from pictures: what each kind of work promises, on tiny random checkpoints."""

import numpy
import pytest
from PIL import Image, ImageDraw

from generation.engine.errors import Cancelled, InvalidSpec
from generation.engine.samplers import SAMPLERS

FAMILIES = ["sd1", "sd2", "sd2-v", "sdxl"]


def pixels(image):
    return numpy.asarray(image).astype(int)


def difference(one, other):
    return abs(pixels(one) - pixels(other)).max()


@pytest.fixture(scope="session")
def photo():
    """A picture of 96 x 64 with something in every corner."""
    dice = numpy.random.default_rng(1)
    return Image.fromarray(dice.integers(0, 256, (4, 6, 3), numpy.uint8)).resize((96, 64), Image.Resampling.BICUBIC)


@pytest.fixture
def half():
    """White in the right third of 96 x 64."""
    mask = Image.new("L", (96, 64))
    ImageDraw.Draw(mask).rectangle((64, 0, 96, 64), fill=255)
    return mask


@pytest.fixture
def changing(small, vary, photo):
    return vary(small, task="img2img", source=photo, width=96, steps=10, strength=0.5)


@pytest.fixture
def painted(changing, vary, half):
    return vary(changing, task="inpaint", mask=half, mask_blur=4)


def test_a_source_is_drawn_as_the_stock_pipeline_draws_it(engine, changing, photo):
    import diffusers
    import torch

    from generation.engine.decoding import encode

    ours = engine.render(changing).images[0]
    with engine.cache.use(changing.checkpoint) as (loaded, _):
        base = loaded.pipeline
        stock = diffusers.StableDiffusionImg2ImgPipeline(**base.components, requires_safety_checker=False)
        stock.set_progress_bar_config(disable=True)
        stock.scheduler = diffusers.DPMSolverMultistepScheduler.from_config(loaded.scheduler_config)
        theirs = stock(
            changing.prompt,
            image=encode(base, photo),
            strength=0.5,
            num_inference_steps=10,
            guidance_scale=3.0,
            generator=torch.Generator().manual_seed(7),
        ).images[0]

    assert difference(ours, theirs) == 0


@pytest.mark.parametrize(("strength", "run"), [(0.0, 1), (0.04, 1), (0.3, 3), (0.55, 5), (1.0, 10)])
def test_strength_decides_how_many_steps_are_run_and_told(engine, changing, vary, strength, run):
    events = []

    rendered = engine.render(vary(changing, strength=strength), events.append)

    told = [(event.step, event.steps) for event in events if event.stage == "denoising"]
    assert told == [(step, run) for step in range(1, run + 1)]
    assert rendered.facts["steps_run"] == run
    assert rendered.facts["strength"] == strength


def test_a_weaker_strength_stays_nearer_to_the_source(engine, starter, vary, small):
    ramp = Image.linear_gradient("L").convert("RGB").resize((128, 128))
    spec = vary(small, checkpoint=starter, task="img2img", source=ramp, width=128, height=128, steps=10)

    far = [abs(pixels(engine.render(vary(spec, strength=s)).images[0]) - pixels(ramp)).mean() for s in (0.2, 0.5, 1.0)]

    assert far[0] < far[1] < far[2]


def test_a_source_of_any_size_and_kind_is_brought_to_the_size_asked(engine, changing, vary):
    see_through = Image.new("RGBA", (333, 77), (200, 0, 0, 100))

    assert engine.render(vary(changing, source=see_through)).images[0].size == (96, 64)


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("task", ["img2img", "inpaint"])
def test_every_sampler_draws_from_a_picture(engine, painted, vary, sampler, task):
    events = []

    image = engine.render(vary(painted, task=task, sampler=sampler, steps=6), events.append).images[0]

    steps = [event.step for event in events if event.stage == "denoising"]
    assert pixels(image)[:, 72:].std() > 0
    assert steps == sorted(steps)
    assert steps[-1] == 3


@pytest.mark.parametrize("strength", [0.4, 1.0])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_inpaints_and_keeps_the_rest_to_the_byte(engine, singles, painted, photo, vary, family, strength):
    spec = vary(painted, checkpoint=singles[family], strength=strength, seeds=(1, 2))

    one, other = engine.render(spec).images

    for image in (one, other):
        assert image.size == (96, 64)
        assert difference(image.crop((0, 0, 60, 64)), photo.crop((0, 0, 60, 64))) == 0
        assert difference(image.crop((64, 0, 96, 64)), photo.crop((64, 0, 96, 64))) > 0
    assert difference(one, other) > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_draws_from_a_picture(engine, singles, changing, vary, family):
    image = engine.render(vary(changing, checkpoint=singles[family], guidance=1.0)).images[0]

    assert image.size == (96, 64)
    assert pixels(image).std() > 0


def test_a_thin_stroke_is_drawn_anew(engine, painted, photo, vary):
    stroke = Image.new("L", photo.size)
    ImageDraw.Draw(stroke).line((3, 3, 90, 60), fill=255, width=1)

    image = engine.render(vary(painted, mask=stroke, mask_blur=0, strength=1.0)).images[0]

    changed = abs(pixels(image) - pixels(photo)).max(2) > 0
    assert changed[numpy.asarray(stroke) > 0].mean() > 0.9
    assert not changed[numpy.asarray(stroke) == 0].any()


@pytest.mark.parametrize(("sides", "size"), [((16, 0, 0, 0), (112, 64)), ((0, 3, 5, 0), (104, 72))])
def test_a_picture_grows_by_side_and_keeps_its_bytes(engine, changing, photo, vary, sides, size):
    rendered = engine.render(vary(changing, task="outpaint", outpaint=sides, mask_blur=0, steps=3))

    image, left, top = rendered.images[0], sides[0], size[1] - 64
    assert image.size == size
    assert image.crop((left, top, left + 96, top + 64)).tobytes() == photo.tobytes()
    assert rendered.facts["outpaint"] == list(sides)
    assert rendered.facts["source_size"] == [96, 64]


def test_a_picture_is_enlarged_without_any_model(small, vary, photo, weights_dir):
    from generation.engine.runner import Engine

    engine, events = Engine(weights_dir=weights_dir, threads=1, device="cpu"), []
    rendered = engine.render(vary(small, task="upscale", checkpoint=None, source=photo), events.append)

    shrunk = rendered.images[0].resize(photo.size)
    assert rendered.images[0].size == (384, 256)
    assert abs(pixels(shrunk) - pixels(photo)).mean() < 16
    assert {event.stage for event in events} == {"upscaling"}
    assert engine.cache.bytes == 0
    assert rendered.facts["task"] == "upscale"


def test_enlarging_can_be_cancelled(small, vary, photo, weights_dir):
    from generation.engine.runner import Engine

    engine = Engine(weights_dir=weights_dir, threads=1, device="cpu")
    spec = vary(small, task="upscale", checkpoint=None, source=photo)

    with pytest.raises(Cancelled):
        engine.render(spec, lambda event: False)


@pytest.mark.parametrize("task", ["img2img", "inpaint"])
def test_drawing_from_a_picture_can_be_cancelled_and_leaves_no_trace(engine, small, painted, vary, task):
    before = engine.render(small).images[0]

    with pytest.raises(Cancelled):
        engine.render(vary(painted, task=task), lambda event: event.stage != "denoising")

    assert difference(before, engine.render(small).images[0]) == 0


def test_no_weight_is_held_twice(engine, painted):
    from generation.engine import pipelines

    with engine.cache.use(painted.checkpoint) as (loaded, _):
        built = pipelines.assembled(loaded.pipeline, "inpaint")

        assert built.unet is loaded.pipeline.unet
        assert built.vae is loaded.pipeline.vae


def test_facts_say_what_the_recipe_needs(engine, painted):
    import json

    facts = engine.render(painted).facts

    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    asked = {"task": "inpaint", "strength": 0.5, "mask_blur": 4, "clip_skip": 1, "source_size": [96, 64]}
    assert asked.items() <= facts.items()


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("task", {"task": "video"}), ("source", {"source": None}), ("mask", {"task": "inpaint"}),
        ("mask", {"task": "inpaint", "mask": Image.new("L", (8, 8))}), ("strength", {"strength": 1.1}),
        ("strength", {"strength": float("nan")}), ("mask_blur", {"mask_blur": 1.5}), ("clip_skip", {"clip_skip": 0}),
        ("outpaint", {"task": "outpaint"}), ("outpaint", {"task": "outpaint", "outpaint": (1, 2)}),
        ("outpaint", {"task": "outpaint", "outpaint": (-8, 0, 0, 0)}),
        ("outpaint", {"task": "outpaint", "outpaint": (1000, 0, 1000, 0)}), ("checkpoint", {"checkpoint": None}),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_by_field(changing, vary, field, change):
    with pytest.raises(InvalidSpec) as refused:
        vary(changing, **change)

    assert refused.value.params["field"] == field
    assert refused.value.params["problem"].endswith(".")
