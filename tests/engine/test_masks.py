import numpy
import pytest
from PIL import Image, ImageDraw

from generation.engine import masks, sources


@pytest.fixture
def box():
    """White from (24, 24) to (39, 39) in 64 px."""
    mask = Image.new("L", (64, 64))
    ImageDraw.Draw(mask).rectangle((24, 24, 39, 39), fill=255)
    return mask


@pytest.mark.parametrize("reach", [0, 1, 2, 3, 5, 8, 13, 20])
def test_a_rim_is_soft_outside_of_the_mask_and_ends_where_it_says(box, reach):
    soft = numpy.asarray(masks.feathered(box, reach)).astype(int)

    far = numpy.ones((64, 64), bool)
    far[24 - reach : 40 + reach, 24 - reach : 40 + reach] = False
    assert soft[24:40, 24:40].min() == 255
    assert soft[far].max() == 0
    assert (numpy.diff(soft[32, :25]) >= 0).all()
    assert reach < 4 or 0 < soft[32, 24 - reach // 2] < 255


def test_a_latent_cell_is_drawn_anew_when_the_mask_touches_it():
    dot = Image.new("L", (32, 16))
    dot.putpixel((9, 7), 1)

    found = masks.cells(dot)[0, 0]

    assert found.shape == (16, 32)
    assert found[:8, 8:16].min() == 1
    assert found.sum() == 64


def test_black_keeps_every_byte_of_the_source(box):
    dice = numpy.random.default_rng(0)
    source, drawn = (Image.fromarray(dice.integers(0, 256, (64, 64, 3), numpy.uint8)) for _ in range(2))

    result = numpy.asarray(masks.pasted(drawn, source, masks.feathered(box, 6)))

    assert (result[24:40, 24:40] == numpy.asarray(drawn)[24:40, 24:40]).all()
    assert (result[:18] == numpy.asarray(source)[:18]).all()


@pytest.mark.parametrize(
    ("sides", "size", "corner"),
    [
        ((8, 0, 0, 0), (48, 32), (8, 0)),
        ((0, 5, 0, 6), (40, 48), (0, 5)),
        ((3, 3, 0, 0), (48, 40), (8, 8)),
        ((1, 1, 1, 1), (48, 40), (1, 1)),
    ],
)
def test_a_canvas_grows_to_a_multiple_of_8_around_the_untouched_source(sides, size, corner):
    from generation.engine.limits import grown

    dice = numpy.random.default_rng(0)
    source = Image.fromarray(dice.integers(0, 256, (32, 40, 3), numpy.uint8))

    assert grown(source.size, sides) == size
    picture, mask = sources.extended(source, sides, size)

    box = (*corner, corner[0] + 40, corner[1] + 32)
    assert picture.size == mask.size == size
    assert picture.crop(box).tobytes() == source.tobytes()
    assert mask.crop(box).getextrema() == (0, 0)
    assert numpy.asarray(mask).astype(int).sum() == 255 * (size[0] * size[1] - 40 * 32)


def test_a_source_fills_the_size_from_its_middle():
    wide = Image.new("RGB", (300, 100), "red")
    wide.paste("blue", (100, 0, 200, 100))

    found = sources.covering(wide, (64, 64))

    assert found.size == (64, 64)
    assert found.getpixel((32, 32)) == (0, 0, 255)
    assert found.getpixel((3, 32))[0] < 20
    assert sources.covering(found, (64, 64)) is found


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "L", "P", "1", "RGB", "I;16", "CMYK"])
def test_every_kind_of_picture_becomes_rgb(mode):
    assert sources.opaque(Image.new(mode, (8, 8))).mode == "RGB"


def test_what_is_transparent_becomes_white():
    assert sources.opaque(Image.new("RGBA", (8, 8), (255, 0, 0, 0))).getpixel((0, 0)) == (255, 255, 255)
