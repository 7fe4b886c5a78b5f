import pytest

from generation.engine import hardware
from generation.engine.hardware import (
    GIB,
    SMALL_PARAMETERS,
    Hardware,
    default_cache_bytes,
    detect,
    place,
    readable,
    threads_for,
)

SDXL = {"unet": 5 * GIB, "text": 2 * GIB, "vae": GIB // 4}


def card(free):
    return Hardware("cuda", "float16", threads=4, free=free)


@pytest.mark.parametrize(
    ("free", "offload", "slicing"),
    [(24 * GIB, "none", False), (10 * GIB, "none", True), (8 * GIB, "model", True), (4 * GIB, "sequential", True)],
)
def test_a_card_holds_what_fits_and_offloads_what_does_not(free, offload, slicing):
    placement = place(SDXL, card(free), bound=free)

    assert (placement.offload, placement.slicing) == (offload, slicing)
    assert placement.bytes <= free


def test_a_cpu_always_holds_the_whole_checkpoint():
    placement = place(SDXL, Hardware("cpu", "float32", threads=2, free=GIB), bound=GIB)

    assert (placement.offload, placement.bytes) == ("none", sum(SDXL.values()))


def test_a_small_bound_on_a_large_card_is_kept_by_offloading():
    assert place(SDXL, card(24 * GIB), bound=6 * GIB).offload == "model"


@pytest.mark.parametrize(
    ("features", "full", "small"),
    [
        ({"avx512f", "avx512_bf16"}, "bfloat16", "float32"),
        ({"amx_bf16"}, "bfloat16", "float32"),
        ({"asimd", "bf16"}, "bfloat16", "float32"),
        ({"avx2", "avx512f", "avx512_fp16"}, "float32", "float32"),
        (set(), "float32", "float32"),
    ],
)
def test_a_cpu_computes_in_bfloat16_where_it_has_the_instructions(monkeypatch, features, full, small):
    monkeypatch.setattr(hardware, "cpu_features", lambda: frozenset(features))

    found = detect("cpu")

    assert (found.dtype_for(SMALL_PARAMETERS), found.dtype_for(SMALL_PARAMETERS - 1)) == (full, small)


def test_the_flags_of_this_cpu_are_read():
    features = hardware.cpu_features()

    assert features == hardware.cpu_features()
    assert not features or features & {"fpu", "fp"}


@pytest.mark.parametrize(
    ("capability", "dtype"),
    [((9, 0), "float16"), ((7, 0), "float16"), ((6, 0), "float16"), ((6, 1), "float32"), ((5, 2), "float32")],
)
def test_a_card_computes_in_half_precision_where_that_is_fast(monkeypatch, capability, dtype):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (8 * GIB, 10 * GIB))

    found = detect()

    assert (found.device, found.free, found.dtype_for(1), found.dtype_for(10**9)) == ("cuda", 8 * GIB, dtype, dtype)


def test_the_operators_precision_holds_for_checkpoints_of_every_size():
    found = detect("cpu", dtype="bfloat16")

    assert found.dtype_for(1) == found.dtype_for(10**9) == "bfloat16"


def test_the_default_cache_leaves_room_to_work():
    assert 0 < default_cache_bytes(card(24 * GIB)) <= 12 * GIB


@pytest.mark.parametrize(("count", "text"), [(1.5e9, "1.5 GB"), (46e6, "46.0 MB"), (3, "0.1 MB")])
def test_bytes_are_told_as_people_write_them(count, text):
    assert readable(count) == text


def test_a_small_checkpoint_is_drawn_by_one_thread_and_a_large_one_by_all():
    cpu = Hardware("cpu", "float32", threads=4, free=GIB)

    assert threads_for(17_000_000, cpu) == 1
    assert threads_for(860_000_000, cpu) == 4
    assert threads_for(17_000_000, card(GIB)) == 4


def test_a_precision_the_device_cannot_use_is_refused_by_name():
    with pytest.raises(ValueError, match="RENDER_DTYPE is float16; on this device choose one of bfloat16, float32"):
        detect("cpu", dtype="float16")
