"""Tiny runs of the real loops."""

import pytest

torch = pytest.importorskip("torch")

from generation.training.guidance import missed, own_patches  # noqa: E402
from generation.training.pipeline import new_unet  # noqa: E402
from generation.training.running import save_whole  # noqa: E402
from generation.training.text import TextShape, from_patches, to_patches  # noqa: E402
from generation.training.text_training import TextPlan, TextRun  # noqa: E402
from generation.training.unet_training import PaintPlan, PaintRun  # noqa: E402
from generation.training.workers import Workers  # noqa: E402


def text_run(place):
    return TextRun(place, "3d", TextPlan(batch=4, asked=4), TextShape(layers=2), Workers())


def paint_run(place):
    plan = PaintPlan(batch=4, pool=8, fresh=2)
    return PaintRun(place, ("3d",), plan, Workers(), new_unet(256, (16, 16, 16)))


def same_weights(one, other):
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return all(torch.equal(left, right) for left, right in pairs)


def test_patches_turn_back_into_latents():
    latents = torch.randn(2, 4, 16, 16)

    assert torch.equal(from_patches(to_patches(latents)), latents)


def test_a_resumed_text_run_goes_on_exactly(place):
    straight = text_run(place)
    straight.step()
    straight.save()
    straight.step()

    resumed = text_run(place)
    resumed.resume()
    resumed.step()

    assert resumed.steps == 2
    assert same_weights(straight.model, resumed.model)


def test_the_written_memory_beats_the_mean_picture(place):
    run = text_run(place)
    patches = run.patches

    from generation.training.tokenizer import encode

    with torch.no_grad():
        error, _ = run.model.loss(encode(run.tokenizer, ["red apple", "cat", "rocket", "snowman"]), patches[:4])

    assert error < (patches[:4] - run.model.mean).square().mean() * 0.8


def test_a_unet_step_changes_weights_and_gives_a_finite_error(place):
    text_run(place).save()
    run = paint_run(place)
    before = [p.clone() for p in run.unet.parameters()]

    figures = run.step()

    assert figures["error"] > 0
    assert any(not torch.equal(old, new) for old, new in zip(before, run.unet.parameters(), strict=True))


def test_attention_on_the_own_patch_misses_nothing():
    table = own_patches(64)

    assert table.shape == (64, 88)
    assert table.sum(1).eq(1).all()
    assert own_patches(16).sum(1).eq(4).all()
    queries, keys = torch.zeros(1, 64, 16), torch.zeros(1, 88, 16)
    assert missed(queries, keys, 4).item() == pytest.approx(torch.tensor(88.0).log().item(), rel=1e-4)


def test_a_broken_save_leaves_the_old_state(tmp_path):
    path = tmp_path / "state.pt"
    save_whole({"steps": 1}, path)

    with pytest.raises(Exception, match="pickle"):
        save_whole({"steps": lambda: 2}, path)

    assert torch.load(path)["steps"] == 1
