"""What a render wears is taken off again: the base alone draws the same pixels before and after."""

from itertools import pairwise

import numpy
import pytest
from PIL import Image

from generation.engine.errors import (
    BadChecksum,
    IncompatibleControl,
    IncompatibleEmbedding,
    IncompatibleVae,
    InvalidSpec,
    MissingWeights,
)
from generation.engine.spec import ControlRef, EmbeddingRef, FileRef, LoraRef

from . import tiny_resources


def pixels(rendered):
    return numpy.asarray(rendered.images[0]).astype(int)


@pytest.fixture
def bare(engine, small, vary):
    """`bare(spec)`: asserts that `spec` draws something else than the base, which draws as before afterwards."""

    def check(spec, base=small):
        before = pixels(engine.render(base))
        rendered = engine.render(spec)
        assert abs(before - pixels(rendered)).max() > 0
        assert abs(before - pixels(engine.render(base))).max() == 0
        return rendered

    return check


@pytest.fixture
def style(tmp_path):
    """An embedding of two vectors for the tiny SD 1."""
    return EmbeddingRef("e", tiny_resources.write_embedding(tmp_path / "e.safetensors"), "MyStyle", name="My style")


@pytest.fixture
def guide():
    return Image.linear_gradient("L").convert("RGB")


def test_an_embedding_is_read_where_its_token_stands_and_leaves_no_trace(engine, small, vary, style, bare):
    words = vary(small, prompt="a red mystyle apple")

    rendered = bare(vary(words, embeddings=(style,)), base=words)

    assert rendered.facts["prompt_tokens"] == 5
    assert rendered.facts["resources"] == [{"kind": "embedding", "name": "My style", "sha256": "e", "token": "MyStyle"}]


def test_a_worn_embedding_is_not_read_without_its_token(engine, small, vary, style):
    without = pixels(engine.render(small))

    assert abs(without - pixels(engine.render(vary(small, embeddings=(style,))))).max() == 0
    catfish = vary(small, prompt="mystyles")
    assert abs(pixels(engine.render(catfish)) - pixels(engine.render(vary(catfish, embeddings=(style,))))).max() == 0


@pytest.mark.parametrize("prompt", ["MYSTYLE", "(mystyle:1.3) a", "a,mystyle,b", "x " * 100 + "mystyle"])
def test_a_token_is_found_in_any_case_and_beside_brackets(engine, small, vary, style, prompt):
    worn = vary(small, negative_prompt=prompt, embeddings=(style,))

    assert abs(pixels(engine.render(worn)) - pixels(engine.render(vary(worn, embeddings=())))).max() > 0


def test_the_encoder_and_the_tokenizer_are_the_same_afterwards(engine, small, vary, style):
    with engine.cache.use(small.checkpoint) as (loaded, _):
        pipe = loaded.pipeline
        tokenizer, table, known = pipe.tokenizer, pipe.text_encoder.get_input_embeddings(), len(pipe.tokenizer)
        weights = table.weight.clone()

    engine.render(vary(small, prompt="mystyle", embeddings=(style,)))

    assert pipe.tokenizer is tokenizer
    assert len(tokenizer) == known
    assert pipe.text_encoder.get_input_embeddings() is table
    assert (table.weight == weights).all()


def test_several_embeddings_of_different_length_are_told_apart(engine, small, vary, style, tmp_path):
    from dataclasses import replace

    path = tiny_resources.write_embedding(tmp_path / "other.safetensors", name="<any>", vectors=3)
    other = replace(style, key="o", path=path, token="style", name="Other")
    spec = vary(small, prompt="mystyle", embeddings=(style, other))

    drawn = [pixels(engine.render(vary(spec, prompt=prompt))) for prompt in ("mystyle", "style", "mystyle style")]

    assert all(abs(one - two).max() > 0 for one, two in pairwise(drawn))


def test_an_embedding_for_sdxl_teaches_both_encoders(engine, singles, small, vary, tmp_path, bare):
    path = tiny_resources.write_embedding(tmp_path / "xl.safetensors", name="clip_l", clip_g=64)
    words = vary(small, checkpoint=singles["sdxl"], prompt="xlstyle")

    bare(vary(words, embeddings=(EmbeddingRef("x", path, "xlstyle"),)), base=words)
    with pytest.raises(IncompatibleEmbedding, match="another family"):
        engine.render(vary(small, embeddings=(EmbeddingRef("x", path, "xlstyle"),)))


def test_embeddings_that_do_not_fit_are_refused_by_name(engine, small, vary, style, tmp_path):
    from dataclasses import replace

    wide = tiny_resources.write_embedding(tmp_path / "wide.safetensors", width=48)
    (tmp_path / "broken.safetensors").write_bytes(b"no tensors")

    for path in (wide, str(tmp_path / "broken.safetensors")):
        with pytest.raises(IncompatibleEmbedding, match="My style"):
            engine.render(vary(small, embeddings=(replace(style, path=path),)))
    with pytest.raises(InvalidSpec, match="same token"):
        vary(small, embeddings=(style, replace(style, token="mySTYLE")))
    with pytest.raises(InvalidSpec, match="one word"):
        vary(small, embeddings=(replace(style, token="two words"),))


@pytest.mark.parametrize("original", [False, True])
def test_another_vae_draws_for_one_render(small, vary, configs, tmp_path, bare, original):
    path = tiny_resources.write_vae(configs, tmp_path / ("vae.safetensors" if original else "vae"), original=original)

    rendered = bare(vary(small, vae=FileRef(path, path, name="Other")))

    assert rendered.facts["resources"][0]["kind"] == "vae"


def test_a_vae_is_the_same_from_a_folder_and_from_a_file(engine, small, vary, configs, tmp_path):
    paths = [tiny_resources.write_vae(configs, tmp_path / name, original=name == "b") for name in ("a", "b")]

    one, other = (pixels(engine.render(vary(small, vae=FileRef(path, path)))) for path in paths)

    assert abs(one - other).max() == 0


def test_a_vae_encodes_the_source_too(small, vary, configs, tmp_path, bare, guide):
    path = tiny_resources.write_vae(configs, tmp_path / "vae")
    base = vary(small, task="img2img", source=guide, strength=0.5, steps=4)

    bare(vary(base, vae=FileRef(path, path)), base=base)


def test_a_vae_that_does_not_fit_is_refused(engine, small, vary, starter, line_lora, tmp_path):
    for path in (f"{starter.path}/unet", line_lora.path):
        with pytest.raises(IncompatibleVae, match="Wrong"):
            engine.render(vary(small, vae=FileRef(path, path, name="Wrong")))

    assert engine.render(small).images


@pytest.mark.parametrize("task", ["txt2img", "img2img", "inpaint"])
@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_a_control_net_steers_and_leaves_no_trace(
    engine, singles, small, vary, configs, tmp_path, bare, guide, family, task
):
    single = family == "sdxl"
    path = tiny_resources.write_control(configs, family, tmp_path / "control", single=single)
    control = ControlRef(path, path, "single" if single else "diffusers", 0.8, name="Lines")
    mask = Image.new("L", guide.size, 255)
    base = vary(small, checkpoint=singles[family], task=task, source=guide, mask=mask, strength=0.7, seeds=(1, 2))

    rendered = bare(vary(base, control=control, control_image=guide), base=base)

    assert rendered.facts["resources"] == [{"kind": "control", "name": "Lines", "sha256": path, "weight": 0.8}]


def test_a_control_net_acts_by_its_weight_and_its_picture(engine, small, vary, configs, tmp_path, guide):
    path = tiny_resources.write_control(configs, "sd1", tmp_path / "control")
    spec = vary(small, control=ControlRef(path, path, weight=0.0), control_image=guide)

    none = pixels(engine.render(spec))
    full = pixels(engine.render(vary(spec, control=ControlRef(path, path))))
    turned = pixels(engine.render(vary(spec, control=ControlRef(path, path), control_image=guide.rotate(180))))

    assert abs(none - pixels(engine.render(small))).max() == 0
    assert abs(none - full).max() > 0
    assert abs(turned - full).max() > 0


def test_a_control_net_is_the_same_under_its_original_names(engine, small, vary, configs, tmp_path, guide):
    published, folder = tiny_resources.write_control_as_published(configs, tmp_path / "control.safetensors")

    one, other = (
        pixels(engine.render(vary(small, control=ControlRef(path, path), control_image=guide)))
        for path in (published, folder)
    )

    assert abs(one - other).max() == 0


def test_a_control_net_of_another_family_is_refused(engine, small, singles, vary, configs, tmp_path, guide):
    path = tiny_resources.write_control(configs, "sdxl", tmp_path / "control")
    lost = tiny_resources.write_embedding(tmp_path / "none.safetensors")

    for wrong in (path, lost):
        with pytest.raises(IncompatibleControl, match="Wrong"):
            engine.render(vary(small, control=ControlRef(wrong, wrong, name="Wrong"), control_image=guide))
    with pytest.raises(InvalidSpec, match="control_image"):
        vary(small, control=ControlRef(path, path))


def test_every_file_is_verified(engine, small, vary, style, guide, configs, tmp_path):
    from dataclasses import replace

    path = tiny_resources.write_control(configs, "sd1", tmp_path / "control")
    changed = "0" * 64
    specs = (
        vary(small, embeddings=(replace(style, sha256=changed),)),
        vary(small, vae=FileRef("v", path, changed)),
        vary(small, control=ControlRef("c", path, sha256=changed), control_image=guide),
    )

    for spec in specs:
        with pytest.raises(BadChecksum):
            engine.render(spec)
    with pytest.raises(MissingWeights):
        engine.render(vary(small, vae=FileRef("v", str(tmp_path / "gone"))))


@pytest.fixture
def narrow(engine, small, tmp_path):
    """`narrow(share)`: an engine that may hold the tiny checkpoint and `share` of its bytes more."""
    from generation.engine.runner import Engine

    engine.render(small)
    resident = engine.report()["cache"]["resident"]
    one = next(held["bytes"] for held in resident if held["key"] == small.checkpoint.key)
    return lambda share: Engine(weights_dir=tmp_path, threads=1, device="cpu", cache_bytes=int(one * (1 + share)))


def test_what_is_drawn_with_is_held_within_the_bound_of_the_checkpoints(
    narrow, small, vary, configs, tmp_path, guide, tiny_refs
):
    vaes = [tiny_resources.write_vae(configs, tmp_path / f"vae{seed}", seed=seed) for seed in (1, 2)]
    network = tiny_resources.write_control(configs, "sd1", tmp_path / "control")
    control = {"control": ControlRef(network, network), "control_image": guide}
    asked = [{"vae": FileRef(path, path)} for path in vaes] + [control, control | {"vae": FileRef(vaes[0], vaes[0])}]
    engine = narrow(1.2)

    for changes in [*asked, {"checkpoint": tiny_refs[1]}, *asked, asked[0], {"checkpoint": tiny_refs[2], **asked[3]}]:
        engine.render(vary(small, **changes, steps=1), lambda event: engine.cache.bytes <= engine.cache.max_bytes)
        figures = engine.report()["cache"]
        held = figures["extras"] + sum(one["bytes"] for one in figures["resident"])
        assert 0 < held == figures["bytes"] <= figures["max_bytes"]

    assert figures["evictions"] > 0
    assert figures["extras"] > 0


def test_what_has_no_room_beside_its_model_is_refused_in_a_sentence(narrow, small, vary, configs, tmp_path, guide):
    engine = narrow(0.01)
    network = tiny_resources.write_control(configs, "sd1", tmp_path / "control")
    spec = vary(small, control=ControlRef(network, network, name="Lines"), control_image=guide)

    with pytest.raises(IncompatibleControl, match=r"“Lines”.*together they need more than the .* allowed here"):
        engine.render(spec)

    assert engine.render(small).images
    assert engine.cache.bytes <= engine.cache.max_bytes


def test_what_is_drawn_with_is_kept_for_the_next_job(engine, small, vary, configs, tmp_path, monkeypatch):
    from generation.engine import vaes

    path, reads, real = tiny_resources.write_vae(configs, tmp_path / "vae"), [], vaes._read
    monkeypatch.setattr(vaes, "_read", lambda *asked: reads.append(asked) or real(*asked))

    for seed in (1, 2):
        engine.render(vary(small, vae=FileRef(path, path), seeds=(seed,)))

    assert len(reads) == 1


@pytest.mark.engine
def test_everything_at_once_leaves_no_trace(engine, small, vary, style, configs, tmp_path, guide, bare):
    import torch
    from safetensors.torch import save_file

    layer = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_"
    dice = torch.Generator().manual_seed(0)
    for name in "qk":
        shapes = {f"{layer}{name}.lora_A.weight": (4, 32), f"{layer}{name}.lora_B.weight": (32, 4)}
        save_file({k: torch.randn(s, generator=dice) for k, s in shapes.items()}, tmp_path / f"{name}.safetensors")
    loras = tuple(LoraRef(name, str(tmp_path / f"{name}.safetensors"), 0.5) for name in "qk")
    control = tiny_resources.write_control(configs, "sd1", tmp_path / "control")
    vae = tiny_resources.write_vae(configs, tmp_path / "vae")
    base = vary(small, prompt="mystyle", task="img2img", source=guide, strength=0.8, steps=5)

    one = bare(vary(base, loras=loras[:1]), base=base)
    both = bare(vary(base, loras=loras), base=base)
    assert abs(pixels(one) - pixels(both)).max() > 0
    every = vary(base, loras=loras, embeddings=(style,), vae=FileRef(vae, vae), clip_skip=2)
    rendered = bare(vary(every, control=ControlRef(control, control), control_image=guide), base=base)

    kinds = [fact["kind"] for fact in rendered.facts["resources"]]
    assert kinds == ["lora", "lora", "embedding", "vae", "control"]
