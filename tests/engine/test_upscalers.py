"""Real-ESRGAN in torch, judged on pictures with known answers."""

from pathlib import Path

import numpy
import pytest
from PIL import Image

from generation.engine import upscalers
from generation.engine.errors import BadChecksum, InvalidSpec, MissingWeights

COMPACT = "realesr-animevideov3-x4"
SHAPE = upscalers.SHAPES[COMPACT]
REFERENCE = Path(__file__).parent / "reference"


@pytest.fixture(scope="module")
def compact(weights_dir):
    return upscalers.load_upscaler(COMPACT, weights_dir)


def discs(side):
    """A white field with two coloured discs, drawn at any size: the same picture, small or large."""
    rows, columns = numpy.mgrid[0:side, 0:side] / side
    picture = numpy.full((side, side, 3), 255, numpy.uint8)
    picture[(rows - 0.35) ** 2 + (columns - 0.4) ** 2 < 0.08] = (200, 30, 40)
    picture[(rows - 0.7) ** 2 + (columns - 0.65) ** 2 < 0.05] = (20, 90, 180)
    return Image.fromarray(picture)


def distance(one, other):
    return abs(numpy.asarray(one).astype(int) - numpy.asarray(other).astype(int))


def test_it_draws_the_large_picture_better_than_plain_resizing(compact):
    small, truth = discs(384).resize((96, 96), Image.Resampling.BOX), discs(384)

    ours = upscalers.upscale(compact, small, SHAPE)
    plain = small.resize((384, 384), Image.Resampling.BICUBIC)

    assert ours.size == (384, 384)
    assert (distance(ours, truth) ** 2).mean() < 0.8 * (distance(plain, truth) ** 2).mean()


def test_tiles_leave_no_seam(compact):
    small = discs(96)

    whole = upscalers.upscale(compact, small, SHAPE)
    tiled = upscalers.upscale(compact, small, upscalers.Shape(compact=True, tile=40, overlap=SHAPE.overlap))

    assert distance(whole, tiled).max() <= 1


def test_tiles_without_overlap_would_show(compact):
    whole = upscalers.upscale(compact, discs(96), SHAPE)

    assert distance(whole, upscalers.upscale(compact, discs(96), upscalers.Shape(True, 40, 0))).max() > 8


def test_transparency_is_kept_apart_from_the_colours(compact):
    small = discs(64)
    clear = small.copy()
    clear.putalpha(Image.linear_gradient("L").resize((64, 64)))

    ours = upscalers.upscale(compact, clear, SHAPE)

    assert distance(ours.convert("RGB"), upscalers.upscale(compact, small, SHAPE)).max() == 0
    assert distance(ours.getchannel("A").resize((64, 64), Image.Resampling.BOX), clear.getchannel("A")).max() <= 3


def test_every_tile_is_told(compact):
    told = []

    upscalers.upscale(compact, discs(64), upscalers.Shape(True, 32, 18), lambda done, of: told.append((done, of)))

    assert told == [(done, 4) for done in range(5)]


def test_the_networks_are_filled_to_the_last_number(compact):
    assert sum(weight.numel() for weight in compact.parameters()) == 621_424


@pytest.mark.parametrize(("damage", "error"), [(None, MissingWeights), (b"x", BadChecksum)])
def test_weights_that_are_not_the_pinned_ones_are_refused(tmp_path, damage, error):
    if damage:
        (tmp_path / COMPACT).mkdir()
        for suffix in ("param", "bin"):
            (tmp_path / COMPACT / f"{COMPACT}.{suffix}").write_bytes(damage)

    with pytest.raises(error, match=COMPACT):
        upscalers.load_upscaler(COMPACT, tmp_path)


def test_an_unknown_upscaler_is_refused(tmp_path):
    with pytest.raises(InvalidSpec, match="x4plus"):
        upscalers.load_upscaler("esrgan", tmp_path)


@pytest.mark.parametrize("name", upscalers.SHAPES)
def test_it_draws_what_the_reference_implementation_draws(name, weights_dir):
    """The references were drawn by Tencent's ncnn 1.0.20261020 in fp32 from the same files and the same discs."""
    try:
        network = upscalers.load_upscaler(name, weights_dir)
    except MissingWeights as missing:
        pytest.skip(str(missing))
    reference = Image.open(REFERENCE / f"{name}.png")

    ours = upscalers.upscale(network, discs(40), upscalers.SHAPES[name])

    assert distance(ours, reference).max() <= 1
    assert (distance(ours, reference) == 0).mean() > 0.999
