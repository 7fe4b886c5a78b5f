"""What a render promises, on tiny random checkpoints."""

import numpy
import pytest

from generation.engine.errors import Cancelled
from generation.engine.samplers import SAMPLERS


def pixels(image):
    return numpy.asarray(image).astype(int)


def difference(one, other):
    return abs(pixels(one) - pixels(other)).max()


def test_a_picture_equals_the_stock_pipeline(engine, small):
    import torch

    ours = engine.render(small).images[0]
    with engine.cache.use(small.checkpoint) as (loaded, _):
        pipeline = loaded.pipeline
        theirs = pipeline(
            small.prompt,
            generator=torch.Generator().manual_seed(7),
            num_inference_steps=small.steps,
            guidance_scale=small.guidance,
            width=64,
            height=64,
        ).images[0]

    assert difference(ours, theirs) == 0


def test_the_same_seed_gives_the_same_pixels_and_another_seed_others(engine, small, vary):
    first, again = engine.render(small).images[0], engine.render(small).images[0]

    assert difference(first, again) == 0
    assert difference(first, engine.render(vary(small, seeds=(8,))).images[0]) > 0


def test_a_picture_of_a_batch_equals_the_one_drawn_alone(engine, small, vary):
    batch = engine.render(vary(small, seeds=(5, 6, 7))).images

    assert len(batch) == 3
    assert difference(batch[2], engine.render(small).images[0]) <= 2


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("family", ["sd1", "sd2-v"])
def test_every_sampler_draws_something_finite(engine, singles, small, vary, sampler, family):
    spec = vary(small, checkpoint=singles[family], sampler=sampler, steps=4)

    rendered = engine.render(spec)

    assert pixels(rendered.images[0]).std() > 0
    config = rendered.facts["sampler_config"]
    assert config["class"] == SAMPLERS[sampler].class_name
    assert config["prediction_type"] == ("v_prediction" if family == "sd2-v" else "epsilon")


def test_every_step_is_told_in_order(engine, small, vary):
    events = []

    engine.render(vary(small, seeds=(1, 2), steps=4, sampler="heun"), events.append)

    stages = list(dict.fromkeys(event.stage for event in events))
    steps = [event.step for event in events if event.stage == "denoising"]
    assert stages == ["loading", "denoising", "decoding"]
    assert steps == sorted(steps)
    assert steps[-1] == 4
    assert [event.index for event in events if event.stage == "decoding"] == [0, 0, 1, 1]


def test_previews_are_small_and_look_like_the_picture(engine, apple):
    import io

    from PIL import Image

    previews = []
    image = engine.render(apple, lambda event: previews.append(event.preview)).images[0]

    seen = [preview for preview in previews if preview]
    last = Image.open(io.BytesIO(seen[-1]))
    match = numpy.corrcoef(pixels(last.resize((16, 16))).ravel(), pixels(image.resize((16, 16))).ravel())[0, 1]
    assert len(seen) == 1
    assert max(map(len, seen)) <= 4096
    assert match > 0.8


def test_a_batch_shows_its_pictures_side_by_side(engine, small, vary):
    import io

    from PIL import Image

    events = []
    engine.render(vary(small, seeds=(1, 2, 3), height=128), events.append)

    strip = Image.open(io.BytesIO(next(event.preview for event in events if event.preview)))
    assert strip.format == "WEBP"
    assert strip.width / strip.height == pytest.approx(3 / 2, rel=0.02)


def test_cancelling_stops_within_one_step(engine, small, vary):
    steps = []

    def stop_at_two(event):
        if event.stage == "denoising":
            steps.append(event.step)
        return len(steps) < 2

    with pytest.raises(Cancelled):
        engine.render(vary(small, steps=50), stop_at_two)

    assert steps == [1, 2]
    assert engine.render(small).images


@pytest.mark.parametrize("stage", ["loading", "decoding"])
def test_every_stage_can_be_cancelled(engine, small, stage):
    with pytest.raises(Cancelled):
        engine.render(small, lambda event: event.stage != stage)

    assert engine.render(small).images


def test_an_exception_of_the_listener_passes_through_and_the_model_stays_usable(engine, small):
    before = engine.render(small).images[0]

    def fail(event):
        if event.stage == "denoising":
            raise LookupError("lease lost")

    with pytest.raises(LookupError):
        engine.render(small, fail)

    after = engine.render(small)
    assert after.cache_hit
    assert difference(before, after.images[0]) == 0


@pytest.mark.parametrize("prompt", ["", "\0", "🍎🔥", "תפוח אדום", "word " * 5_000, "啊" * 3_000])
def test_any_prompt_draws(engine, small, vary, prompt):
    rendered = engine.render(vary(small, prompt=prompt, negative_prompt=prompt, steps=1))

    assert rendered.images[0].size == (64, 64)
    assert rendered.facts["prompt_truncated"] is (len(prompt) > 1_000)


def test_half_the_precision_draws_nearly_the_same(small, tmp_path, engine):
    from generation.engine.runner import Engine

    rough = Engine(weights_dir=tmp_path, threads=1, device="cpu", dtype="bfloat16").render(small)

    assert rough.facts["dtype"] == "bfloat16"
    assert abs(pixels(rough.images[0]) - pixels(engine.render(small).images[0])).mean() < 8


def test_sizes_need_not_be_square(engine, small, vary):
    assert engine.render(vary(small, width=72, height=104, steps=1)).images[0].size == (72, 104)


def test_the_facts_are_plain_json(engine, small):
    import json

    facts = engine.render(small).facts

    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert facts["versions"].keys() == {"torch", "diffusers", "transformers", "peft"}


def test_large_batches_are_drawn_in_groups_that_depend_on_size_alone():
    from generation.engine.drawing import batches

    assert batches(tuple(range(10)), 128, 128) == [tuple(range(8)), (8, 9)]
    assert [len(rows) for rows in batches((1, 2, 3), 512, 512)] == [2, 1]
    assert [len(rows) for rows in batches((1, 2), 2048, 2048)] == [1, 1]
