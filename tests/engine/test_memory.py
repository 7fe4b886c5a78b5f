"""Memory running out costs a retry, not the worker."""

import pytest

from generation.engine import drawing, runtime
from generation.engine.errors import CheckpointTooLarge, OutOfMemory
from generation.engine.runner import Engine


def exhaust(monkeypatch, times, error=MemoryError):
    """Make the next `times` denoisings run out of memory; returns the batch sizes that were tried."""
    real, tried = drawing.denoise, []

    def denoise(pipeline, scheduler, spec, rows, on_step):
        tried.append(len(rows))
        if len(tried) <= times:
            raise error("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
        return real(pipeline, scheduler, spec, rows, on_step)

    monkeypatch.setattr(drawing, "denoise", denoise)
    return tried


@pytest.mark.parametrize("error", [MemoryError, RuntimeError])
def test_one_shortage_evicts_the_others_and_is_survived(engine, small, vary, tiny_refs, monkeypatch, error):
    engine.render(vary(small, checkpoint=tiny_refs[1]))
    tried = exhaust(monkeypatch, times=1, error=error)

    rendered = engine.render(vary(small, seeds=(1, 2)))

    assert len(rendered.images) == 2
    assert tried == [2, 1, 1]
    assert tiny_refs[1].key not in engine.cache


def test_a_lasting_shortage_is_told_and_the_engine_lives_on(engine, small, monkeypatch):
    exhaust(monkeypatch, times=2)

    with pytest.raises(OutOfMemory, match="smaller size"):
        engine.render(small)

    assert engine.cache.bytes == 0
    assert engine.render(small).images


def test_other_errors_are_not_taken_for_a_shortage():
    assert not runtime.is_out_of_memory(RuntimeError("shape mismatch"))
    assert not runtime.is_out_of_memory(ValueError("can't allocate memory"))


def test_checkpoints_take_turns_within_the_bound(small, vary, tiny_refs, engine, tmp_path):
    engine.render(small)
    one = next(held["bytes"] for held in engine.report()["cache"]["resident"] if held["key"] == small.checkpoint.key)
    narrow = Engine(weights_dir=tmp_path, threads=1, device="cpu", cache_bytes=int(one * 2.5))

    for place in (0, 1, 2, 0, 0):
        narrow.render(vary(small, checkpoint=tiny_refs[place], steps=1))
        assert narrow.cache.bytes <= narrow.cache.max_bytes

    figures = narrow.report()["cache"]
    assert (figures["hits"], figures["misses"], figures["evictions"]) == (1, 4, 2)
    assert [held["key"] for held in figures["resident"]] == ["tiny2", "tiny0"]
    assert figures["load_seconds"] > 0


def test_a_checkpoint_above_the_bound_is_refused_in_a_sentence(small, tmp_path):
    narrow = Engine(weights_dir=tmp_path, threads=1, device="cpu", cache_bytes=1000)

    with pytest.raises(CheckpointTooLarge, match=r"“tiny0” needs \d"):
        narrow.render(small)


def test_evicting_returns_the_memory(small, starter, vary, tmp_path):
    engine = Engine(weights_dir=tmp_path, threads=1, device="cpu")
    engine.render(vary(small, checkpoint=starter, steps=1))
    loaded, held = engine.report()["memory"]["process"], engine.cache.bytes

    engine.cache.evict(starter.key)

    assert loaded - engine.report()["memory"]["process"] > held / 2
