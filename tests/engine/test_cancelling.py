"""Who cancels is not drawn for any longer, whatever stage it happens in."""

import pytest
import torch
from PIL import Image

from generation.engine import calls
from generation.engine.errors import Cancelled
from generation.engine.members import Member
from generation.engine.spec import ControlRef, LoraRef

from . import tiny_resources


class Enlarger(torch.nn.Module):
    """Four times as large, and counts its tiles."""

    def __init__(self):
        super().__init__()
        self.weight, self.tiles = torch.nn.Parameter(torch.ones(1)), 0

    def forward(self, picture):
        self.tiles += 1
        return torch.nn.functional.interpolate(picture, scale_factor=4)


@pytest.fixture
def enlarger(engine, monkeypatch):
    network = Enlarger()
    monkeypatch.setattr(engine, "upscaler", lambda name: network)
    return network


@pytest.fixture
def decoded(monkeypatch):
    """Grows by one with every picture that is decoded."""
    real, done = calls.decode, []
    monkeypatch.setattr(calls, "decode", lambda base, latent: done.append(latent) or real(base, latent))
    return done


def cancelled_in(stage, step):
    """A listener that wants no more from that step of that stage on."""
    order = ("loading", "denoising", "decoding", "upscaling")
    return lambda event: (order.index(event.stage), event.step) < (order.index(stage), step)


@pytest.mark.parametrize("last", [2, 3])
def test_what_is_cancelled_while_it_is_denoised_is_not_decoded(engine, small, vary, decoded, enlarger, last):
    events = []

    def listen(event):
        events.append(event)
        return cancelled_in("denoising", last)(event)

    with pytest.raises(Cancelled):
        engine.render(vary(small, upscale=4), listen)

    assert [event.step for event in events if event.stage == "denoising"][-1] == last
    assert (len(decoded), enlarger.tiles) == (0, 0)


def test_what_is_cancelled_after_the_last_step_is_not_decoded(engine, small, vary, decoded, enlarger):
    with pytest.raises(Cancelled):
        engine.render(vary(small, upscale=4, seeds=(1, 2)), cancelled_in("decoding", 0))

    assert (len(decoded), enlarger.tiles) == (0, 0)


def test_what_is_cancelled_while_it_is_decoded_is_not_enlarged(engine, small, vary, decoded, enlarger):
    with pytest.raises(Cancelled):
        engine.render(vary(small, upscale=4, seeds=(1, 2)), cancelled_in("decoding", 1))

    assert (len(decoded), enlarger.tiles) == (1, 0)


@pytest.mark.parametrize("tile", [0, 1])
def test_enlarging_ends_before_the_next_tile(engine, small, vary, enlarger, tile):
    source = Image.new("RGB", (600, 300))
    spec = vary(small, task="upscale", checkpoint=None, source=source)

    with pytest.raises(Cancelled):
        engine.render(spec, cancelled_in("upscaling", tile))

    assert enlarger.tiles == tile


def test_what_is_cancelled_while_it_is_loaded_puts_nothing_on(engine, small, vary, singles):
    broken = vary(small, loras=(LoraRef("n", singles["sd1"].path),))

    with pytest.raises(Cancelled):
        engine.render(broken, cancelled_in("loading", 1))


@pytest.mark.parametrize("task", ["txt2img", "img2img", "inpaint", "controlled"])
def test_one_of_a_batch_hears_nothing_and_is_not_decoded_after_it_has_cancelled(
    engine, small, vary, configs, tmp_path, decoded, task
):
    picture = Image.linear_gradient("L").convert("RGB")
    base = vary(small, source=picture, mask=picture.convert("L"), steps=6, strength=1.0)
    if task == "controlled":
        path = tiny_resources.write_control(configs, "sd1", tmp_path / "control")
        base = vary(base, control=ControlRef(path, path), control_image=picture)
    else:
        base = vary(base, task=task)
    heard = []

    def listen(event):
        heard.append((event.stage, event.step))
        return cancelled_in("denoising", 2)(event)

    left, drawn = engine.render_many([Member(base, listen), Member(vary(base, seeds=(8,)))])

    assert isinstance(left, Cancelled)
    assert heard[-1] == ("denoising", 2)
    assert len(drawn.images) == len(decoded) == 1
