"""Words that change while drawing, and joined prompts, against loops written by hand with diffusers."""

import numpy
import pytest
from PIL import Image

from generation.engine import drawing, prompts
from generation.engine.decoding import decode
from generation.engine.errors import Cancelled
from generation.engine.members import Member
from generation.engine.samplers import build_scheduler
from generation.engine.spec import ControlRef

from . import tiny_resources

# Sums are made in another order when rows are drawn apart or together, or by another number of threads.
ROUNDING = 1


def pixels(image):
    return numpy.asarray(image).astype(int)


def difference(one, other):
    return max(abs(pixels(a) - pixels(b)).max() for a, b in zip(one.images, other.images, strict=True))


@pytest.fixture(params=["sd1", "sd2-v", "sdxl", "starter"])
def spec(request, small, vary, singles, starter):
    """A quick render of each family."""
    return vary(small, checkpoint={**singles, "starter": starter}[request.param], steps=4)


@pytest.fixture
def pipeline(engine, spec):
    with engine.cache.use(spec.checkpoint) as (loaded, _):
        loaded.pipeline.scheduler = build_scheduler(spec.sampler, loaded.scheduler_config, spec.steps)
        yield loaded.pipeline


def switched(pipeline, spec, order):
    """The picture of the stock pipeline whose words are exchanged by its callback; `order`: a prompt for each step."""
    import torch

    known = {text: prompts.encode(pipeline, text, spec.negative_prompt) for text in order}

    def exchange(pipe, index, timestep, values):
        words = known[order[min(index + 1, len(order) - 1)]]
        values["prompt_embeds"] = torch.cat([words["negative_prompt_embeds"], words["prompt_embeds"]])
        if "add_text_embeds" in values:
            pooled = words["negative_pooled_prompt_embeds"], words["pooled_prompt_embeds"]
            values["add_text_embeds"] = torch.cat(pooled)
        return values

    names = [name for name in ("prompt_embeds", "add_text_embeds") if name in pipeline._callback_tensor_inputs]
    latents = pipeline(
        **known[order[0]],
        **{"width": spec.width, "height": spec.height, "num_inference_steps": spec.steps, "output_type": "latent"},
        guidance_scale=spec.guidance,
        generator=torch.Generator().manual_seed(spec.seeds[0]),
        callback_on_step_end=exchange,
        callback_on_step_end_tensor_inputs=names,
    ).images
    return decode(pipeline, latents[0])


@pytest.mark.parametrize(
    ("prompt", "order"),
    [
        ("a [cat:dog:0.5]", ["a cat", "a cat", "a dog", "a dog"]),
        ("a [cat:dog:1]", ["a cat", "a dog", "a dog", "a dog"]),
        ("a [cat|dog]", ["a cat", "a dog", "a cat", "a dog"]),
        ("a [(red:1.3):0.5] cat", ["a  cat", "a  cat", "a (red:1.3) cat", "a (red:1.3) cat"]),
    ],
)
def test_words_change_as_in_a_loop_written_by_hand(engine, spec, pipeline, vary, prompt, order):
    expected = pixels(switched(pipeline, spec, order))

    drawn = engine.render(vary(spec, prompt=prompt))

    assert abs(pixels(drawn.images[0]) - expected).max() <= ROUNDING
    assert abs(pixels(engine.render(vary(spec, prompt=order[0])).images[0]) - expected).max() > 0


def composed(pipeline, spec, parts):
    """The picture of composable diffusion, as its authors write it: the sum of what each prompt adds."""
    import torch

    scheduler, dice = pipeline.scheduler, torch.Generator().manual_seed(spec.seeds[0])
    words = [(prompts.encode(pipeline, text), weight) for text, weight in parts]
    with torch.inference_mode():
        latents = torch.randn(1, 4, spec.height // 8, spec.width // 8, generator=dice)
        scheduler.set_timesteps(spec.steps)
        latents = latents * scheduler.init_noise_sigma
        for moment in scheduler.timesteps:
            seen = scheduler.scale_model_input(latents, moment)
            nothing = predicted(pipeline, spec, seen, moment, words[0][0], "negative_")
            added = sum(w * (predicted(pipeline, spec, seen, moment, one, "") - nothing) for one, w in words)
            latents = scheduler.step(nothing + max(1.0, spec.guidance) * added, moment, latents).prev_sample
    return decode(pipeline, latents[0])


def predicted(pipeline, spec, latents, moment, words, side):
    more = {}
    if "pooled_prompt_embeds" in words:
        sizes = [[spec.height, spec.width, 0, 0, spec.height, spec.width]]
        more["added_cond_kwargs"] = {
            "text_embeds": words[f"{side}pooled_prompt_embeds"], "time_ids": latents.new_tensor(sizes),
        }  # fmt: skip
    states = words[f"{side}prompt_embeds"]
    return pipeline.unet(latents, moment, encoder_hidden_states=states, **more).sample


@pytest.mark.parametrize("guidance", [3.0, 1.0])
def test_joined_prompts_add_up_as_their_authors_say(engine, spec, pipeline, vary, guidance):
    spec = vary(spec, prompt="a cat :0.7 AND a dog AND a house :-0.3", guidance=guidance)
    expected = composed(pipeline, spec, [("a cat", 0.7), ("a dog", 1.0), ("a house", -0.3)])

    drawn = engine.render(spec)

    assert abs(pixels(drawn.images[0]) - pixels(expected)).max() <= ROUNDING


def test_a_script_leaves_no_trace(engine, small, vary):
    before = engine.render(small)

    engine.render(vary(small, prompt="[a:b:1] AND c"))
    with pytest.raises(Cancelled):
        engine.render(vary(small, prompt="[a|b] AND c"), lambda event: event.stage != "denoising")

    with engine.cache.use(small.checkpoint) as (loaded, _):
        assert "forward" not in vars(loaded.pipeline.unet)
    assert difference(before, engine.render(small)) == 0


@pytest.mark.parametrize("task", ["img2img", "inpaint", "outpaint"])
def test_steps_are_counted_from_the_first_that_is_run(engine, small, vary, task):
    picture = Image.linear_gradient("L").convert("RGB").resize((64, 64))
    base = vary(small, task=task, source=picture, mask=picture.convert("L"), outpaint=(0, 0, 32, 0), strength=0.5)
    base = vary(base, steps=8 if task != "outpaint" else 4)
    asked = {text: engine.render(vary(base, prompt=text)) for text in ("cat", "dog", "[cat:dog:4]", "[cat:dog:0.5]")}

    assert difference(asked["[cat:dog:4]"], asked["cat"]) == 0
    assert difference(asked["[cat:dog:0.5]"], asked["cat"]) > 0
    assert difference(asked["[cat:dog:0.5]"], asked["dog"]) > 0


@pytest.mark.parametrize("sampler", ["heun", "dpm2", "pndm", "unipc", "euler_a"])
def test_every_sampler_changes_after_the_users_step(engine, small, vary, sampler):
    base = vary(small, sampler=sampler, steps=4)
    cat, late, early = (engine.render(vary(base, prompt=text)) for text in ("cat", "[cat:dog:4]", "[cat:dog:3]"))

    assert difference(cat, late) == 0
    assert difference(cat, early) > 0


@pytest.fixture
def calls(monkeypatch):
    """The batch sizes of every call of the pipeline."""
    real, sizes = drawing.denoise, []

    def denoise(pipeline, scheduler, spec, rows, on_step):
        sizes.append(len(rows))
        return real(pipeline, scheduler, spec, rows, on_step)

    monkeypatch.setattr(drawing, "denoise", denoise)
    return sizes


def test_changing_joined_and_plain_words_are_drawn_together(engine, spec, vary, calls):
    # Little guidance: networks of random weights make much of every rounding.
    asked = ["a cat", "a [cat:dog:0.5]", "[a|b] AND c :0.5 AND d", "a AND b"]
    specs = [vary(spec, prompt=text, seeds=(seed,), guidance=1.5) for seed, text in enumerate(asked)]
    alone = [engine.render(one) for one in specs]
    calls.clear()

    together = engine.render_many([Member(one) for one in specs])

    assert calls == [4]
    assert max(map(difference, alone, together)) <= ROUNDING
    assert [one.facts["drawn_together"] for one in together] == [4] * 4


def test_words_of_other_lengths_at_a_step_are_drawn_apart(engine, small, vary, calls):
    long = "word " * 100
    asked = [f"[a:{long}:1]", f"[b:{long}:1]", "a", f"a AND {long}"]
    specs = [vary(small, prompt=text) for text in asked]
    alone = [engine.render(one) for one in specs]
    calls.clear()

    together = engine.render_many([Member(one) for one in specs])

    assert sorted(calls) == [1, 1, 2]
    assert max(map(difference, alone, together)) <= ROUNDING


def test_who_leaves_a_changing_batch_does_not_disturb_the_others(engine, small, vary):
    specs = [vary(small, prompt=text, steps=6) for text in ("[a|b] AND c", "[c:d:0.5] AND e", "f [g:0.5] AND h :2")]
    alone = [engine.render(one) for one in specs]

    def leave(event):
        return event.stage != "denoising" or event.step < 2

    first, left, last = engine.render_many([Member(specs[0]), Member(specs[1], leave), Member(specs[2])])

    assert isinstance(left, Cancelled)
    assert difference(alone[0], first) <= ROUNDING
    assert difference(alone[2], last) <= ROUNDING


@pytest.mark.parametrize("task", ["txt2img", "img2img", "inpaint"])
@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_a_control_net_hears_each_of_the_words(engine, singles, small, vary, configs, tmp_path, family, task):
    guide = Image.linear_gradient("L").convert("RGB")
    path = tiny_resources.write_control(configs, family, tmp_path / "control")
    base = vary(small, checkpoint=singles[family], task=task, source=guide, mask=guide.convert("L"), strength=0.9)
    base = vary(base, control=ControlRef(path, path), control_image=guide, steps=4)
    asked = ("a cat", "a dog", "a cat :0 AND a dog", "a cat AND a cat :0", "[a dog:a cat:0] [|]", "a [cat:dog:9]")
    drawn = {text: engine.render(vary(base, prompt=text)) for text in asked}

    assert difference(drawn["a dog"], drawn["a cat :0 AND a dog"]) <= ROUNDING
    assert difference(drawn["a cat"], drawn["a cat AND a cat :0"]) <= ROUNDING
    assert difference(drawn["a cat"], drawn["[a dog:a cat:0] [|]"]) == 0
    assert difference(drawn["a cat"], drawn["a [cat:dog:9]"]) == 0
    assert difference(drawn["a cat"], drawn["a dog"]) > 0


def test_every_text_is_read_once(engine, small, vary, monkeypatch):
    read = []
    real = prompts.encoding._read_side

    def counting(readers, portions, *rest):
        read.append(portions)
        return real(readers, portions, *rest)

    monkeypatch.setattr(prompts.encoding, "_read_side", counting)
    engine.render(vary(small, prompt="[a|b] AND [b|a] AND c", negative_prompt="c", steps=9))

    assert len(read) == 3
