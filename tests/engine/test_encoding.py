"""Prompts as the pipelines read them: against diffusers' own encoder, and what weights and length change."""

import numpy
import pytest

from generation.engine import prompts
from generation.engine.prompts.reading import stress

FAMILIES = ["sd1", "sd2", "sd2-v", "sdxl", "starter"]


@pytest.fixture
def pipeline(request, engine, singles, starter):
    """The loaded pipeline of the family that the test names."""
    ref = {**singles, "starter": starter}[request.param]
    with engine.cache.use(ref) as (loaded, _):
        yield loaded.pipeline


def theirs(pipeline, prompt, negative, **more):
    import torch

    with torch.inference_mode():
        return pipeline.encode_prompt(
            prompt=prompt,
            device="cpu",
            num_images_per_prompt=1,
            do_classifier_free_guidance=True,
            negative_prompt=negative or None,
            **more,
        )


@pytest.mark.parametrize("pipeline", FAMILIES, indirect=True)
@pytest.mark.parametrize(("prompt", "negative"), [("a red apple", "bad"), ("猫, (x", ""), ("", "")])
def test_a_short_prompt_without_weights_is_exactly_what_diffusers_reads(pipeline, prompt, negative):
    ours = list(prompts.encode(pipeline, prompt, negative).values())

    expected = theirs(pipeline, prompt, negative)
    assert len(ours) == len(expected)
    assert all(one.equal(other) for one, other in zip(ours, expected, strict=True))


@pytest.mark.parametrize("pipeline", ["sd1", "sd2", "sdxl"], indirect=True)
def test_the_shorter_side_is_filled_up_with_empty_chunks(pipeline):
    ours = prompts.encode(pipeline, "apple " * 100 + "BREAK pear", "bad")

    empty, bad = theirs(pipeline, "", "bad")[:2]
    assert ours["prompt_embeds"].shape == ours["negative_prompt_embeds"].shape
    assert ours["prompt_embeds"].shape[1] == 3 * 77
    assert ours["negative_prompt_embeds"][:, :77].equal(bad)
    assert ours["negative_prompt_embeds"][:, 77:154].equal(empty)
    assert ours["prompt_embeds"][:, 154:].equal(theirs(pipeline, "pear", "")[0])
    assert prompts.chunks_needed(pipeline, "apple " * 100 + "BREAK pear", "bad") == 3


@pytest.mark.parametrize("pipeline", ["sdxl"], indirect=True)
def test_the_pooled_state_is_that_of_the_first_chunk(pipeline):
    ours = prompts.encode(pipeline, "apple BREAK pear", "bad")

    assert ours["pooled_prompt_embeds"].equal(theirs(pipeline, "apple", "bad")[2])


@pytest.mark.parametrize("pipeline", ["sd1", "sdxl"], indirect=True)
def test_weights_multiply_their_words_and_keep_the_mean(pipeline):
    plain = prompts.encode(pipeline, "a red apple")["prompt_embeds"]

    stressed = prompts.encode(pipeline, "a (red:1.4) apple")["prompt_embeds"]

    # Each encoder's mean is restored for itself.
    for columns in (slice(0, 32), slice(32, None)) if plain.shape[-1] > 32 else (slice(None),):
        before, after = plain[..., columns], stressed[..., columns]
        assert after.mean().item() == pytest.approx(before.mean().item(), rel=1e-3)
        ratio = (after / before)[0].median(-1).values
        assert (ratio[2] / ratio[1]).item() == pytest.approx(1.4, rel=1e-3)


def test_a_mean_of_nothing_is_not_restored():
    import torch

    states = torch.tensor([[[1.0, -1.0], [1.0, -0.9999]]])

    assert stress(states, torch.tensor([1.0, -1.0])).equal(torch.tensor([[[1.0, -1.0], [-1.0, 0.9999]]]))


@pytest.mark.parametrize(
    ("pipeline", "clip_skip", "their_skip"),
    [("sd1", 2, 1), ("sd2", 1, None), ("sd2", 2, None), ("sd2", 3, 1), ("sdxl", 2, None), ("sdxl", 3, 1)],
    indirect=["pipeline"],
)
def test_layers_are_skipped_as_the_other_program_counts(pipeline, clip_skip, their_skip):
    ours = prompts.encode(pipeline, "a red apple", "", clip_skip)["prompt_embeds"]

    if their_skip and not hasattr(pipeline, "text_encoder_2"):
        # diffusers' own way to the norm is gone from this version of transformers.
        states = pipeline.text_encoder(
            pipeline.tokenizer("a red apple", padding="max_length", return_tensors="pt").input_ids,
            output_hidden_states=True,
        ).hidden_states
        expected = pipeline.text_encoder.final_layer_norm(states[-1 - their_skip])
    else:
        expected = theirs(pipeline, "a red apple", "", clip_skip=their_skip)[0]
    assert ours.equal(expected)


@pytest.mark.parametrize("pipeline", FAMILIES, indirect=True)
def test_skipping_more_layers_than_there_are_reads_the_first(pipeline):
    assert prompts.encode(pipeline, "a red apple", "", 12)["prompt_embeds"].isfinite().all()


@pytest.mark.parametrize("pipeline", ["starter"], indirect=True)
def test_the_starter_keeps_its_sketch_whatever_is_asked(pipeline):
    plain = prompts.encode(pipeline, "a red apple")["prompt_embeds"]
    stressed = prompts.encode(pipeline, "a (red:1.4) apple", "", 2)["prompt_embeds"]
    long = prompts.encode(pipeline, "a red apple, " * 40)["prompt_embeds"]

    assert long.shape == plain.shape == (1, 88, 256)
    assert stressed[:, 24:].equal(plain[:, 24:])
    assert not stressed[:, :24].equal(plain[:, :24])
    assert long.equal(prompts.encode(pipeline, "a red apple, " * 5 + "a red")["prompt_embeds"])


@pytest.mark.parametrize("pipeline", ["starter"], indirect=True)
def test_brackets_do_not_cut_chinese_words_apart(pipeline):
    plain = prompts.encode(pipeline, "一个红色的苹果")["prompt_embeds"]

    assert prompts.encode(pipeline, "一个(红色:1.0)的苹果")["prompt_embeds"].equal(plain)
    assert not prompts.encode(pipeline, "一个(红色:1.4)的苹果")["prompt_embeds"].equal(plain)


def test_all_vectors_of_an_embedding_are_read(configs, tmp_path):
    import torch
    from diffusers import StableDiffusionPipeline

    from . import tiny

    pipeline = StableDiffusionPipeline.from_pretrained(tiny.write_folder(configs, tmp_path / "own"))
    pipeline.load_textual_inversion({"emb": torch.randn(3, 32)}, token="<emb>")

    ours = prompts.encode(pipeline, "an <emb>")["prompt_embeds"]

    assert ours.equal(theirs(pipeline, "an <emb>", "")[0])
    assert prompts.measure(pipeline, "an (<emb>:1.2)").tokens == 4


@pytest.mark.engine
@pytest.mark.parametrize("prompt", ["a (red:1.4) apple", "一个(红色:1.3)的苹果", "a red apple, " + "cute, " * 60])
def test_weighted_and_long_prompts_draw_the_starters_apple(engine, apple, vary, prompt):
    plain, rendered = engine.render(apple).images[0], engine.render(vary(apple, prompt=prompt))

    one, other = (numpy.asarray(image.resize((16, 16))).ravel() for image in (plain, rendered.images[0]))
    assert numpy.corrcoef(one, other)[0, 1] > 0.9
    assert rendered.facts["prompt_limit"] == 22
    assert rendered.facts["prompt_truncated"] is (len(prompt) > 100)
