"""The checkpoint that ships with the site, drawn for real."""

import hashlib
import subprocess
import sys

import numpy
import pytest

from generation.engine.spec import ControlRef

from .conftest import STARTER

pytestmark = pytest.mark.engine

ALONE = """
import hashlib, sys
from generation.engine.runner import Engine
from generation.engine.spec import CheckpointRef, RenderSpec
ref = CheckpointRef("starter", sys.argv[1], "diffusers", "starter")
spec = RenderSpec(ref, "a red apple", (7,), steps=6)
image = Engine(weights_dir=".", threads=1, device="cpu").render(spec).images[0]
print(hashlib.sha256(image.tobytes()).hexdigest())
"""


def test_the_same_seed_gives_the_same_pixels_in_another_process(engine, apple):
    here = hashlib.sha256(engine.render(apple).images[0].tobytes()).hexdigest()

    run = subprocess.run(
        [sys.executable, "-c", ALONE, apple.checkpoint.path], capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == here


def test_a_batch_equals_pictures_drawn_alone(engine, apple, vary):
    batch = engine.render(vary(apple, seeds=(7, 8, 9, 10))).images

    for place, seed in enumerate((7, 8, 9, 10)):
        alone = engine.render(vary(apple, seeds=(seed,))).images[0]
        assert abs(numpy.asarray(batch[place]).astype(int) - numpy.asarray(alone)).max() <= 2


@pytest.mark.parametrize(("prompt", "channel"), [("a red apple", 0), ("一个蓝色的苹果", 2)])
def test_words_decide_the_colour_in_both_languages(engine, apple, vary, prompt, channel):
    picture = numpy.asarray(engine.render(vary(apple, prompt=prompt, steps=12)).images[0]).astype(float)

    middle = picture[32:96, 32:96].mean((0, 1))
    assert middle.argmax() == channel


def test_a_picture_is_finished_four_times_as_large(apple, vary, weights_dir):
    from generation.engine.runner import Engine

    events = []
    engine = Engine(weights_dir=weights_dir, threads=1, device="cpu")
    rendered = engine.render(vary(apple, upscale=4), events.append)

    assert rendered.images[0].size == (512, 512)
    assert events[-1].stage == "upscaling"
    assert rendered.seconds["upscale"] > 0


def test_the_control_net_that_ships_is_followed(engine, starter, apple, vary):
    """Lines of a pear lying on its side: with them the apple is where they are, and as red as before."""
    from generation.training.control_sheet import agreement
    from generation.training.scenes import lines_of

    plain = engine.render(vary(apple, prompt="a pear", steps=8)).images[0].rotate(90, fillcolor="white")
    lines = lines_of(numpy.asarray(plain) / 255)
    control = ControlRef("edges", str(STARTER / "starter-edges"), name="Edges")

    followed = engine.render(vary(apple, steps=8, control=control, control_image=lines)).images[0]

    alone = engine.render(vary(apple, steps=8)).images[0]
    assert agreement(lines, followed) > agreement(lines, alone) + 0.1
    red, green, _ = numpy.asarray(followed)[48:80, 48:80].reshape(-1, 3).mean(0)
    assert red > green + 50
