"""Several people's requests in one call: each is served as if it were alone."""

import io

import numpy
import pytest
from PIL import Image

from generation.engine import drawing
from generation.engine.errors import Cancelled, EngineError, IncompatibleLora, OutOfMemory
from generation.engine.members import Member
from generation.engine.spec import LoraRef, batch_key

# Sums are made in another order in a batch. Measured: at most 1 of 255, on the starter in 0.003 % of the values.
ROUNDING = 2


def pixels(rendered, index=0):
    return numpy.asarray(rendered.images[index]).astype(int)


def difference(one, other):
    return max(abs(pixels(one, place) - pixels(other, place)).max() for place in range(len(one.images)))


class Listener:
    """Hears a member's events; leaves after `until` of its denoising steps."""

    def __init__(self, until=999):
        self.events, self.until = [], until

    def __call__(self, event):
        self.events.append(event)
        return len(self.steps) < self.until

    @property
    def steps(self):
        return [event.step for event in self.events if event.stage == "denoising"]


@pytest.fixture
def calls(monkeypatch):
    """The batch sizes of every call of the pipeline."""
    real, sizes = drawing.denoise, []

    def denoise(pipeline, scheduler, spec, rows, on_step):
        sizes.append(len(rows))
        return real(pipeline, scheduler, spec, rows, on_step)

    monkeypatch.setattr(drawing, "denoise", denoise)
    return sizes


@pytest.fixture
def people(small, vary):
    """Three requests that can be drawn together: other words, seeds and numbers of pictures."""
    return [
        vary(small, prompt="a red apple", seeds=(1,)),
        vary(small, prompt="a blue house (at night:1.2)", seeds=(2, 3), negative_prompt="blurry"),
        vary(small, prompt="", seeds=(4,), preview_every=2),
    ]


def test_members_are_drawn_in_one_call_and_equal_what_is_drawn_alone(engine, people, calls):
    alone = [engine.render(spec) for spec in people]
    calls.clear()

    together = engine.render_many([Member(spec) for spec in people])

    assert calls == [4]
    assert [len(rendered.images) for rendered in together] == [1, 2, 1]
    assert max(map(difference, alone, together)) <= ROUNDING
    assert [rendered.facts["drawn_together"] for rendered in together] == [4, 4, 4]


@pytest.mark.parametrize("family", ["sd2-v", "sdxl"])
@pytest.mark.parametrize("task", ["txt2img", "img2img", "inpaint"])
def test_every_family_and_task_is_drawn_together(engine, singles, people, vary, calls, family, task):
    pictures = [Image.linear_gradient("L").rotate(90 * turn) for turn in range(3)]
    specs = [
        vary(spec, checkpoint=singles[family], task=task, source=picture, mask=picture, strength=0.7)
        for spec, picture in zip(people, pictures, strict=True)
    ]
    alone = [engine.render(spec) for spec in specs]
    calls.clear()

    together = engine.render_many([Member(spec) for spec in specs])

    assert calls == [4]
    assert max(map(difference, alone, together)) <= ROUNDING


def test_a_long_prompt_does_not_change_its_neighbours(engine, people, vary, calls):
    specs = [people[0], vary(people[1], prompt="word " * 100), people[2]]
    alone = [engine.render(spec) for spec in specs]
    calls.clear()

    together = engine.render_many([Member(spec) for spec in specs])

    assert sorted(calls) == [2, 2]
    assert max(map(difference, alone, together)) <= ROUNDING


def test_what_cannot_be_drawn_together_is_drawn_apart_in_the_same_order(engine, people, vary, tiny_refs, calls):
    specs = [people[0], vary(people[0], steps=4), vary(people[0], checkpoint=tiny_refs[1]), people[2]]

    outcomes = engine.render_many([Member(spec) for spec in specs])

    assert calls == [2, 1, 1]
    assert all(difference(engine.render(spec), found) <= ROUNDING for spec, found in zip(specs, outcomes, strict=True))


def test_everybody_hears_of_their_own_pictures_alone(engine, people):
    listeners = [Listener(), Listener(), Listener()]

    engine.render_many([Member(spec, listener) for spec, listener in zip(people, listeners, strict=True)])

    for spec, listener in zip(people, listeners, strict=True):
        stages = [event.stage for event in listener.events]
        decoded = [event for event in listener.events if event.stage == "decoding"]
        previews = [event.preview for event in listener.events if event.preview]
        strip = Image.open(io.BytesIO(previews[0]))
        assert stages[:2] == ["loading", "loading"]
        assert listener.steps == [1, 2, 3]
        count = len(spec.seeds)
        told = [(event.index, event.step) for event in decoded]
        assert told == [(index, index + done) for index in range(count) for done in (0, 1)]
        assert {event.steps for event in decoded} == {len(spec.seeds)}
        assert strip.width / strip.height == len(spec.seeds)
        assert len(previews) == (1 if spec.preview_every == 2 else 2)


@pytest.mark.parametrize("task", ["txt2img", "img2img", "inpaint"])
@pytest.mark.parametrize("sampler", ["dpmpp_2m", "euler_a", "heun", "pndm", "unipc"])
def test_one_leaves_midway_and_the_others_go_on(engine, people, vary, task, sampler):
    square = Image.linear_gradient("L")
    specs = [
        vary(spec, task=task, source=square, mask=square, strength=1.0, sampler=sampler, steps=6) for spec in people
    ]
    alone = [engine.render(spec) for spec in specs]
    leaver = Listener(until=3)

    first, left, last = engine.render_many([Member(specs[0]), Member(specs[1], leaver), Member(specs[2])])

    assert isinstance(left, Cancelled)
    assert len(leaver.steps) == 3
    assert difference(alone[0], first) <= ROUNDING
    assert difference(alone[2], last) <= ROUNDING


def test_who_has_left_costs_no_more_drawing(engine, people, vary, monkeypatch):
    sizes, spec = [], people[0]
    with engine.cache.use(spec.checkpoint) as (loaded, _):
        unet = loaded.pipeline.unet
    handle = unet.register_forward_pre_hook(lambda module, inputs: sizes.append(len(inputs[0])))

    members = [Member(vary(spec, steps=5), Listener(until)) for until in (1, 3, 99)]
    outcomes = engine.render_many(members)
    handle.remove()

    assert sizes == [6, 4, 4, 2, 2]
    assert [isinstance(outcome, Cancelled) for outcome in outcomes] == [True, True, False]


def test_when_all_have_left_drawing_ends(engine, people):
    listeners = [Listener(until=1), Listener(until=2), Listener(until=1)]

    outcomes = engine.render_many([Member(spec, heard) for spec, heard in zip(people, listeners, strict=True)])

    assert all(isinstance(outcome, Cancelled) for outcome in outcomes)
    assert [heard.steps for heard in listeners] == [[1], [1, 2], [1]]


def test_a_listener_that_breaks_ends_its_own_member_alone(engine, people):
    def broken(event):
        if event.stage == "denoising":
            raise LookupError("lease lost")

    lost, drawn = engine.render_many([Member(people[0], broken), Member(people[2])])

    assert isinstance(lost, LookupError)
    assert difference(engine.render(people[2]), drawn) <= ROUNDING


def test_a_fatal_exception_ends_the_whole_call(engine, people):
    class TooLong(Exception):
        pass

    def late(event):
        raise TooLong

    with pytest.raises(TooLong):
        engine.render_many([Member(people[0]), Member(people[2], late)], fatal=(TooLong,))
    assert engine.render(people[0]).images


def test_a_broken_lora_fails_its_own_member_alone(engine, people, vary, singles):
    broken = vary(people[1], loras=(LoraRef("n", singles["sd1"].path, name="Broken"),))

    first, failed, last = engine.render_many([Member(people[0]), Member(broken), Member(people[2])])

    assert isinstance(failed, IncompatibleLora)
    assert difference(engine.render(people[0]), first) <= ROUNDING
    assert difference(engine.render(people[2]), last) <= ROUNDING


def test_when_a_call_breaks_everybody_is_drawn_alone(engine, people, monkeypatch):
    real = drawing.denoise

    def denoise(pipeline, scheduler, spec, rows, on_step):
        if any(row.share.spec is people[1] for row in rows):
            raise ValueError("these words break the model")
        return real(pipeline, scheduler, spec, rows, on_step)

    monkeypatch.setattr(drawing, "denoise", denoise)
    first, failed, last = engine.render_many([Member(spec) for spec in people])

    assert isinstance(failed, ValueError)
    assert difference(engine.render(people[0]), first) == 0
    assert difference(engine.render(people[2]), last) == 0


@pytest.mark.parametrize(("shortages", "tried"), [(1, [8, 4, 4]), (2, [8, 4, 2, 2, 2, 2]), (4, [8, 4, 2, 1])])
def test_when_memory_runs_out_half_as_many_are_drawn_at_once(engine, small, vary, monkeypatch, shortages, tried):
    real, sizes = drawing.denoise, []

    def denoise(pipeline, scheduler, spec, rows, on_step):
        sizes.append(len(rows))
        if len(sizes) <= shortages:
            raise MemoryError
        return real(pipeline, scheduler, spec, rows, on_step)

    monkeypatch.setattr(drawing, "denoise", denoise)
    members = [Member(vary(small, seeds=(place, place + 1))) for place in range(4)]
    outcomes = engine.render_many(members)

    assert sizes == tried
    assert all(isinstance(found, OutOfMemory) is (shortages == 4) for found in outcomes)


def test_a_batch_takes_no_more_than_the_free_memory_allows(engine, people, calls, monkeypatch):
    monkeypatch.setattr(engine, "free_bytes", lambda: 2 * 64 * 64 * drawing.PIXEL_BYTES / drawing.FREE_SHARE)

    assert all(rendered.images for rendered in engine.render_many([Member(spec) for spec in people]))
    assert calls == [2, 2]
    assert drawing.at_most(512, 512, 0) == 1


def test_what_is_drawn_before_memory_runs_out_is_kept(engine, small, vary, monkeypatch):
    real, seeds = drawing.denoise, []

    def denoise(pipeline, scheduler, spec, rows, on_step):
        seeds.append([row.seed for row in rows])
        if len(seeds) == 2:
            raise MemoryError
        return real(pipeline, scheduler, spec, rows, on_step)

    monkeypatch.setattr(drawing, "denoise", denoise)
    rendered = engine.render(vary(small, seeds=tuple(range(10)), steps=1))

    assert seeds == [list(range(8)), [8, 9], [8], [9]]
    assert len(rendered.images) == 10


def test_time_is_shared_and_loading_is_the_firsts(engine, people):
    engine.cache.evict(people[0].checkpoint.key)

    outcomes = engine.render_many([Member(spec) for spec in people])

    denoising = [rendered.seconds["denoise"] for rendered in outcomes]
    assert [rendered.cache_hit for rendered in outcomes] == [False, True, True]
    assert denoising[1] > denoising[0]
    assert outcomes[0].seconds["load"] > outcomes[1].seconds["load"]


def test_nobody_is_drawn_for_nobody(engine):
    assert engine.render_many([]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"steps": 5}, {"width": 72}, {"guidance": 4.0}, {"sampler": "euler"}, {"clip_skip": 2},
        {"loras": (LoraRef("l", "/x"),)}, {"task": "img2img"},
    ],
)  # fmt: skip
def test_the_key_of_a_batch_tells_what_cannot_be_mixed(small, vary, change):
    spec = vary(small, source=Image.new("RGB", (8, 8)))

    assert batch_key(spec) == batch_key(vary(spec, prompt="other", seeds=(9, 8), negative_prompt="x", upscale=4))
    assert batch_key(spec) != batch_key(vary(spec, **change))


@pytest.mark.engine
def test_the_starter_draws_for_several_as_for_one_to_the_last_bit_but_one(engine, apple, vary):
    specs = [vary(apple, prompt=prompt, seeds=(seed,)) for seed, prompt in enumerate(("a fish", "a car", "一个苹果"))]

    together = engine.render_many([Member(spec) for spec in specs])

    assert not any(isinstance(found, EngineError) for found in together)
    assert max(difference(engine.render(spec), found) for spec, found in zip(specs, together, strict=True)) <= 1
    assert {found.facts["drawn_together"] for found in together} == {3}
    assert engine.render(apple).facts["drawn_together"] == 1
