"""Tiny runs of the ControlNet's loop, and what measures it."""

import random

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from generation.training import pipeline as pipelines  # noqa: E402
from generation.training.captions import Item  # noqa: E402
from generation.training.control import ControlPlan, ControlRun, new_network  # noqa: E402
from generation.training.control_sheet import agreement, measure, near  # noqa: E402
from generation.training.export import export_control  # noqa: E402
from generation.training.scenes import Scenes, lines_of, moved  # noqa: E402


@pytest.fixture
def pictures(place):
    """Four things of one colour each, as premultiplied RGBA."""
    rgba = np.zeros((4, 128, 128, 4), np.uint8)
    for number in range(4):
        rgba[number, 40 : 70 + 10 * number, 30:60] = (200, 40 * number, 0, 255)
    np.savez(place.pictures("3d"), concept=np.arange(4), rgba=rgba)
    return rgba


@pytest.fixture
def base(place, pictures, tmp_path):
    """A pipeline of tiny networks that draws 128 pixels."""
    from diffusers import AutoencoderKL

    from generation.training.text import TextShape, new_text_encoder
    from generation.training.tokenizer import load_tokenizer

    torch.manual_seed(0)
    sides = {"block_out_channels": (8, 8, 8, 8), "norm_num_groups": 8, "latent_channels": 4}
    down, up = ("DownEncoderBlock2D",) * 4, ("UpDecoderBlock2D",) * 4
    vae = AutoencoderKL(down_block_types=down, up_block_types=up, **sides)
    tokenizer = load_tokenizer(place.tokenizer)
    encoder = new_text_encoder(TextShape(vocabulary=len(tokenizer), layers=1))
    unet = pipelines.new_unet(256, (16, 16, 16))
    pipelines.assemble(vae, encoder, tokenizer, unet).save_pretrained(tmp_path / "base")
    return tmp_path / "base"


@pytest.fixture
def run(place, base):
    return ControlRun(place, "3d", base, ControlPlan(batch=2, pool=4, fresh=1))


def test_an_untrained_network_says_nothing_and_is_made_of_the_unets_convolutions():
    unet = pipelines.new_unet(256, (16, 16, 16))
    network = new_network(unet)

    lines = torch.ones(1, 3, 128, 128)
    down, middle = network(
        torch.randn(1, 4, 16, 16), 3, torch.randn(1, 88, 256), controlnet_cond=lines, return_dict=False
    )

    assert all(not part.any() for part in (*down, middle))
    assert not any("attn" in name for name in network.state_dict())
    assert torch.equal(network.down_blocks[1].resnets[0].conv1.weight, unet.down_blocks[1].resnets[0].conv1.weight)


def test_a_step_changes_the_network_and_nothing_else(run):
    before = {name: weight.clone() for name, weight in run.network.state_dict().items()}
    unet = [weight.clone() for weight in run.unet.parameters()]

    figures = run.step()

    assert figures["error"] > 0
    assert any(not torch.equal(before[name], weight) for name, weight in run.network.state_dict().items())
    assert all(map(torch.equal, unet, run.unet.parameters()))


def test_what_is_saved_goes_on_where_it_was_and_can_be_exported(run, place, base, tmp_path):
    from diffusers import ControlNetModel

    run.step()
    run.save()
    resumed = ControlRun(place, "3d", base, run.plan)
    resumed.resume()
    export_control(place.control("3d"), tmp_path / "exported")

    exported = ControlNetModel.from_pretrained(tmp_path / "exported", torch_dtype=torch.float32)
    assert resumed.steps == 1
    assert all(map(torch.equal, run.network.parameters(), resumed.network.parameters()))
    assert all(
        torch.allclose(a, b, atol=1e-3) for a, b in zip(run.network.parameters(), exported.parameters(), strict=True)
    )
    assert list(place.sheets().glob("control-*.png"))


def test_the_measure_tells_both_ways_of_drawing(run):
    figures = measure(run.pipeline, run.network, run.pool.scenes, run.pool.data, count=2)

    assert figures["things"] == 2
    assert all(0 <= figures[f"{where}_{way}"] <= 1 for where in ("moved", "still") for way in ("with", "without"))


def test_a_moved_picture_shows_the_same_thing_elsewhere(pictures):
    turned = [moved(pictures[0], random.Random(seed)) for seed in range(5)]

    assert len({one.tobytes() for one in turned}) == 5
    assert all(tuple(one[one[..., 3] == 255][0][:3]) == (200, 0, 0) for one in turned)


def test_a_picture_left_still_is_the_training_picture(place, pictures):
    drawn = Scenes(place, "3d").draw(Item(1, "plain"), random.Random(0), still=1)

    assert (drawn[50, 50] * 255).round().tolist() == [200, 40, 0]
    assert drawn[0, 0].tolist() == [1, 1, 1]


def test_edges_agree_with_themselves_and_not_with_others():
    one, other = np.zeros((64, 64, 3)), np.zeros((64, 64, 3))
    one[10:30, 10:30] = 1
    other[40:60, 40:60] = 1
    beside = Image.fromarray(np.uint8(np.roll(one, 2, 1) * 255))

    assert agreement(lines_of(one), Image.fromarray(np.uint8(one * 255))) == 1
    assert agreement(lines_of(one), beside) > 0.95
    assert agreement(lines_of(one), Image.fromarray(np.uint8(other * 255))) == 0
    assert near(np.eye(9, dtype=bool))[0, 4]
    assert not near(np.eye(9, dtype=bool))[0, 5]
