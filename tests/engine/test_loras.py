import numpy
import pytest

from generation.engine.errors import BadChecksum, IncompatibleLora, MissingWeights
from generation.engine.spec import LoraRef


def pixels(rendered):
    return numpy.asarray(rendered.images[0]).astype(int)


@pytest.fixture(scope="session")
def tiny_lora(tmp_path_factory):
    """A random LoRA for the tiny SD 1, spelled both ways as training scripts do; returns (path, wider path)."""
    import torch
    from safetensors.torch import save_file

    def write(name, width):
        attention = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"
        other = "unet.down_blocks.0.attentions.0.proj_in"
        generator = torch.Generator().manual_seed(0)
        shapes = {
            f"{attention}.lora.down.weight": (4, width), f"{attention}.lora.up.weight": (width, 4),
            f"{other}.lora_A.weight": (4, width, 1, 1), f"{other}.lora_B.weight": (width, 4, 1, 1),
        }  # fmt: skip
        path = tmp_path_factory.mktemp("lora") / name
        save_file({key: torch.randn(shape, generator=generator) for key, shape in shapes.items()}, path)
        return str(path)

    return write("fits.safetensors", 32), write("wide.safetensors", 48)


def test_a_lora_changes_the_picture_and_leaves_no_trace(engine, small, vary, tiny_lora):
    before = pixels(engine.render(small))

    worn = pixels(engine.render(vary(small, loras=(LoraRef("l", tiny_lora[0], 1.0),))))
    weak = pixels(engine.render(vary(small, loras=(LoraRef("l", tiny_lora[0], 0.3),))))

    assert abs(before - worn).max() > 0
    assert abs(weak - worn).max() > 0
    assert abs(before - pixels(engine.render(small))).max() == 0


def test_both_spellings_in_one_file_are_loaded(engine, small, tiny_lora):
    from generation.engine.loras import worn

    with (
        engine.cache.use(small.checkpoint) as (loaded, _),
        worn(loaded.pipeline, [LoraRef("l", tiny_lora[0])], small.checkpoint),
    ):
        layers = [name for name, _ in loaded.pipeline.unet.named_modules() if name.endswith("lora_A.lora0")]

    assert len(layers) == 2


def test_a_lora_of_another_family_is_refused_and_leaves_no_trace(engine, small, vary, tiny_lora):
    before = pixels(engine.render(small))

    with pytest.raises(IncompatibleLora, match="another family"):
        engine.render(vary(small, loras=(LoraRef("w", tiny_lora[1], name="Wide"),)))

    assert abs(before - pixels(engine.render(small))).max() == 0


def test_a_file_that_is_no_lora_is_refused(engine, small, vary, singles):
    with pytest.raises(IncompatibleLora):
        engine.render(vary(small, loras=(LoraRef("n", singles["sd1"].path),)))

    assert engine.render(small).images


def test_a_lora_is_verified_like_a_checkpoint(engine, small, vary, tiny_lora):
    with pytest.raises(BadChecksum):
        engine.render(vary(small, loras=(LoraRef("l", tiny_lora[0], sha256="0" * 64),)))
    with pytest.raises(MissingWeights):
        engine.render(vary(small, loras=(LoraRef("l", "/nowhere/x.safetensors"),)))


def test_a_lora_in_the_spelling_of_kohya_is_loaded(engine, small, vary, tmp_path):
    import torch
    from safetensors.torch import save_file

    layer = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
    shapes = {f"{layer}.lora_down.weight": (4, 32), f"{layer}.lora_up.weight": (32, 4)}
    dice = torch.Generator().manual_seed(0)
    weights = {name: torch.randn(shape, generator=dice) for name, shape in shapes.items()}
    weights[f"{layer}.alpha"] = torch.tensor(4.0)
    save_file(weights, tmp_path / "kohya.safetensors")
    before = pixels(engine.render(small))

    drawn = pixels(engine.render(vary(small, loras=(LoraRef("k", str(tmp_path / "kohya.safetensors")),))))

    assert abs(before - drawn).max() > 0
    assert abs(before - pixels(engine.render(small))).max() == 0


@pytest.mark.engine
def test_the_starter_lora_changes_the_starter(engine, apple, vary, line_lora):
    before = pixels(engine.render(apple))

    drawn = pixels(engine.render(vary(apple, loras=(line_lora,))))

    assert abs(before - drawn).mean() > 5
    assert abs(before - pixels(engine.render(apple))).max() == 0
