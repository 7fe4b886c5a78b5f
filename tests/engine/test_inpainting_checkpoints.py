"""Checkpoints made for inpainting: UNets of nine channels, in both layouts, for every kind of work."""

from pathlib import Path

import numpy
import pytest
from PIL import Image, ImageDraw

from generation.engine import masks, prompts
from generation.engine.decoding import decode, encode
from generation.engine.errors import Cancelled
from generation.engine.members import Member
from generation.engine.samplers import build_scheduler
from generation.engine.sidecars import Sidecars
from generation.engine.spec import CheckpointRef, ControlRef
from models_hub.inspection import inspect

from . import tiny, tiny_resources

FAMILIES = ["sd1", "sd2", "sdxl"]
LAYOUTS = ["single", "diffusers"]


def pixels(rendered, index=0):
    return numpy.asarray(rendered.images[index]).astype(int)


def difference(one, other):
    return abs(pixels(one) - pixels(other)).max()


@pytest.fixture(scope="session")
def inpainters(configs, tmp_path_factory):
    """{(family, layout): CheckpointRef}; both layouts of a family hold the same weights, the single file in halves."""
    root, refs = tmp_path_factory.mktemp("inpainting"), {}
    for family in FAMILIES:
        single, folder = root / f"{family}.safetensors", root / family
        tiny.write_single(configs, family, single, metadata={"modelspec.prediction_type": "epsilon"}, channels=9)
        tiny.write_inpainting_folder(configs, family, folder)
        for layout, path in zip(LAYOUTS, (single, folder), strict=True):
            refs[family, layout] = CheckpointRef(f"{family} {layout}", str(path), layout, family, name=family)
    return refs


@pytest.fixture(scope="session")
def photo():
    dice = numpy.random.default_rng(1)
    return Image.fromarray(dice.integers(0, 256, (4, 6, 3), numpy.uint8)).resize((96, 64), Image.Resampling.BICUBIC)


@pytest.fixture
def half():
    """White in the right third of 96 x 64."""
    mask = Image.new("L", (96, 64))
    ImageDraw.Draw(mask).rectangle((64, 0, 96, 64), fill=255)
    return mask


@pytest.fixture(params=[(family, layout) for family in FAMILIES for layout in LAYOUTS], ids=" ".join)
def painted(request, inpainters, small, vary, photo, half):
    """The right third drawn anew by each inpainting checkpoint."""
    return vary(
        small, checkpoint=inpainters[request.param], task="inpaint", source=photo, mask=half, width=96,
        steps=4, strength=1.0, mask_blur=0,
    )  # fmt: skip


def test_it_is_recognised_for_what_it_is(painted):
    report = inspect(Path(painted.checkpoint.path))

    assert report.inpainting
    assert report.layout == painted.checkpoint.layout


def test_it_inpaints_as_the_stock_pipeline_does(engine, painted, photo, half):
    import diffusers
    import torch

    with engine.cache.use(painted.checkpoint) as (loaded, _):
        base = loaded.pipeline
        stock = getattr(diffusers, type(base).__name__.replace("Pipeline", "InpaintPipeline"))
        parts = {} if hasattr(base, "text_encoder_2") else {"requires_safety_checker": False}
        stock = stock(**{name: part for name, part in base.components.items() if name != "image_encoder"}, **parts)
        stock.scheduler = build_scheduler(painted.sampler, loaded.scheduler_config, painted.steps)
        left = photo.copy()
        left.paste(masks.GREY, (64, 0, 96, 64))
        latents = stock(
            **prompts.encode(base, painted.prompt),
            **{"image": encode(base, photo), "mask_image": half, "masked_image_latents": encode(base, left)},
            **{"width": 96, "height": 64, "strength": 1.0, "num_inference_steps": 4, "guidance_scale": 3.0},
            generator=torch.Generator().manual_seed(7), output_type="latent",
        ).images  # fmt: skip
        expected = masks.pasted(decode(base, latents[0]), photo, half)

    # The last bit of a colour may go either way: the stock pipeline draws with as many threads as are left set.
    assert abs(pixels(engine.render(painted)) - numpy.asarray(expected).astype(int)).max() <= 1


def test_it_sees_what_is_kept_and_keeps_it_to_the_byte(engine, painted, photo, vary):
    drawn = engine.render(painted)
    beside = engine.render(vary(painted, source=photo.transpose(Image.Transpose.FLIP_TOP_BOTTOM)))

    assert abs(pixels(drawn) - numpy.asarray(photo).astype(int))[:, :64].max() == 0
    assert abs(pixels(drawn) - pixels(beside))[:, 64:].max() > 0


@pytest.mark.parametrize("task", ["txt2img", "img2img", "outpaint"])
def test_without_a_mask_all_is_drawn_anew(engine, painted, vary, task):
    spec = vary(painted, task=task, outpaint=(0, 0, 32, 0), strength=0.7, seeds=(1, 2))

    rendered = engine.render(spec)

    assert rendered.images[0].size == spec.size
    assert abs(pixels(rendered, 0) - pixels(rendered, 1)).max() > 0
    assert rendered.facts["task"] == task


def test_words_alone_draw_as_with_a_white_mask_over_grey(engine, painted, vary):
    words = vary(painted, task="txt2img", source=None, mask=None)
    grey = vary(painted, source=Image.new("RGB", (96, 64), masks.GREY), mask=Image.new("L", (96, 64), 255))

    assert difference(engine.render(words), engine.render(grey)) == 0


def test_both_layouts_draw_alike(engine, inpainters, painted, vary):
    other = inpainters[painted.checkpoint.family, "single" if painted.checkpoint.layout == "diffusers" else "diffusers"]

    drawn = [engine.render(vary(painted, checkpoint=ref, sampler="ddim")) for ref in (painted.checkpoint, other)]

    # Halves against full precision, through networks of random weights.
    assert abs(pixels(drawn[0]) - pixels(drawn[1])).mean() < 4


@pytest.mark.parametrize("task", ["txt2img", "inpaint"])
def test_several_are_drawn_together_and_one_may_leave(engine, inpainters, small, vary, photo, half, task):
    spec = vary(small, checkpoint=inpainters["sd1", "single"], task=task, source=photo, mask=half, steps=5)
    specs = [
        vary(spec, prompt=text, seeds=(seed,), guidance=1.5) for seed, text in enumerate(("a", "b AND c", "[d|e]"))
    ]
    alone = [engine.render(one) for one in specs]

    def leave(event):
        return event.stage != "denoising"

    first, left, last = engine.render_many([Member(specs[0]), Member(specs[1], leave), Member(specs[2])])

    assert isinstance(left, Cancelled)
    assert difference(alone[0], first) <= 1
    assert difference(alone[2], last) <= 1


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("task", ["txt2img", "img2img", "inpaint"])
@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_a_control_net_of_the_family_steers_it(
    engine, inpainters, small, vary, configs, tmp_path, photo, half, family, task, single
):
    path = tiny_resources.write_control(configs, family, tmp_path / "control", single=single)
    base = vary(small, checkpoint=inpainters[family, "single"], task=task, source=photo, mask=half, strength=0.9)
    steered = vary(base, control=ControlRef(path, path), control_image=photo)

    assert difference(engine.render(base), engine.render(steered)) > 0


def test_a_sidecar_draws_the_same(engine, painted, configs, tmp_path):
    from generation.engine.runner import Engine

    sidecars = Sidecars(tmp_path / "sidecars", least_parameters=0)
    other = Engine(weights_dir=tmp_path, threads=1, device="cpu", configs=configs, sidecars=sidecars)

    assert difference(engine.render(painted), other.render(painted)) == 0
    assert len(list((tmp_path / "sidecars").glob("*/sidecar.json"))) == 1
