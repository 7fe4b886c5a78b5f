"""What ControlNets read, made of a photograph (Eileen Collins, NASA, public domain) and of plain shapes."""

import os
import sys
from pathlib import Path

import numpy
import pytest
from PIL import Image, ImageDraw

from generation.engine import weights
from generation.engine.errors import InvalidSpec, MissingWeights, NothingFound, WeightsUnavailable
from generation.engine.preprocess import PREPROCESSORS, pose, preprocess, skeleton

PHOTO = Path(__file__).parent / "reference" / "astronaut.jpg"


@pytest.fixture
def photo():
    return Image.open(PHOTO).convert("RGB")


@pytest.fixture
def square():
    """White from 16 to 47 on black, 64 px."""
    image = Image.new("RGB", (64, 64))
    ImageDraw.Draw(image).rectangle((16, 16, 47, 47), fill="white")
    return image


@pytest.fixture(scope="module")
def fetched():
    """`fetched(name)`: the folder of weights with that one in it."""

    def fetch(name):
        folder = Path(os.environ["WEIGHTS_DIR"])
        try:
            weights.fetch(folder, [name])
        except WeightsUnavailable as error:
            pytest.skip(str(error))
        return folder

    return fetch


def lines(image):
    return numpy.asarray(image.convert("L"))


def test_edges_are_one_closed_thin_line_around_a_shape(square, tmp_path):
    drawn = lines(preprocess("edges", square, tmp_path)) > 0

    assert drawn.any(0).nonzero()[0].tolist() == drawn.any(1).nonzero()[0].tolist()
    assert all(line.sum() == 2 for line in drawn[20:44])
    assert not drawn[20:44, 20:44].any()


def test_the_weak_counts_only_where_it_hangs_on_the_strong(tmp_path):
    # A stripe fades from left to right; another is as faint as its end and stands alone.
    pixels = numpy.zeros((64, 256), numpy.uint8)
    pixels[10:25] = numpy.linspace(90, 26, 256)
    pixels[40:55] = 26
    drawn = lines(preprocess("edges", Image.fromarray(pixels).convert("RGB"), tmp_path)) > 0

    assert drawn[:32, 200:250].any(0).all()
    assert not drawn[32:].any()


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (64, 3)])
def test_tiny_pictures_have_edges_of_the_same_size(size, tmp_path):
    for colour in ("white", "red"):
        drawn = preprocess("edges", Image.new("RGB", size, colour), tmp_path)
        assert drawn.size == size
        assert not lines(drawn).any()


def test_a_photograph_keeps_its_outlines(photo, tmp_path):
    share = (lines(preprocess("edges", photo, tmp_path)) > 0).mean()

    assert 0.04 < share < 0.2


def test_soft_edges_are_bright_at_outlines_and_dark_elsewhere(square, fetched):
    drawn = lines(preprocess("soft_edges", square, fetched("hed"))).astype(float)

    border = numpy.zeros((64, 64), bool)
    border[14:50, 14:50], border[18:46, 18:46] = True, False
    assert drawn[border].mean() > 100
    assert drawn[24:40, 24:40].max() < 40
    assert drawn[:8].max() < 60


def test_soft_edges_keep_the_size_of_a_photograph(photo, fetched):
    image = photo.resize((129, 67))

    drawn = preprocess("soft_edges", image, fetched("hed"))

    assert (drawn.size, drawn.mode) == (image.size, "RGB")
    assert lines(drawn).std() > 20


@pytest.fixture
def posed(fetched):
    pytest.importorskip("ai_edge_litert")
    return fetched("pose")


def test_a_skeleton_stands_where_the_person_stands(photo, posed):
    finder, pointer = pose._networks(*map(str, weights.check(weights.WEIGHTS["pose"], posed)))
    (person,) = pose._people(finder, photo)
    points = pose._points(pointer, photo, person)

    # Read off the photograph: nose, left and right shoulder.
    for number, (x, y) in {0: (113, 61), 11: (155, 122), 12: (55, 112)}.items():
        assert numpy.hypot(points[number][0] - x, points[number][1] - y) < 15
        assert points[number][2]
    drawn = numpy.asarray(preprocess("pose", photo, posed))
    assert drawn.shape == (256, 256, 3)
    assert 0.002 < (drawn.max(-1) > 60).mean() < 0.1


def test_two_people_have_two_skeletons(photo, posed):
    both = Image.new("RGB", (512, 256))
    both.paste(photo, (0, 0))
    both.paste(photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (256, 0))

    drawn = numpy.asarray(preprocess("pose", both, posed)).max(-1)

    assert (drawn[:, :256] > 60).sum() > 100
    assert (drawn[:, 256:] > 60).sum() > 100


def test_a_picture_of_nobody_is_told(square, posed):
    with pytest.raises(NothingFound, match="No person"):
        preprocess("pose", square, posed)


def test_limbs_have_the_colours_the_controlnets_know():
    points = [(0.0, 0.0, False)] * 33
    points[11], points[12] = (300.0, 100.0, True), (200.0, 100.0, True)

    drawn = numpy.asarray(skeleton.draw((512, 512), [points]))

    assert drawn[100, 225].tolist() == [153, 0, 0]
    assert drawn[100, 275].tolist() == [153, 51, 0]
    assert drawn[100, 200].tolist() == [255, 170, 0]
    assert not drawn[120:].any()


@pytest.mark.parametrize(("name", "weight"), [("soft_edges", "hed"), ("pose", "pose")])
def test_missing_weights_say_how_to_get_them(name, weight, photo, tmp_path):
    with pytest.raises(MissingWeights, match=f"fetch_models {weight}"):
        preprocess(name, photo, tmp_path)


def test_a_missing_package_says_how_to_get_it(photo, fetched, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    pose._networks.cache_clear()

    with pytest.raises(MissingWeights, match="pip install"):
        preprocess("pose", photo, fetched("pose"))


def test_an_unknown_name_is_told_with_the_known_ones(photo, tmp_path):
    with pytest.raises(InvalidSpec, match="soft_edges"):
        preprocess("depth", photo, tmp_path)


def test_none_hands_the_picture_on(photo, tmp_path):
    assert PREPROCESSORS[0] == "none"
    assert preprocess("none", photo.convert("RGBA"), tmp_path).tobytes() == photo.tobytes()
