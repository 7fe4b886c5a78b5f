import pytest

from generation.engine.hardware import GIB, Hardware, default_cache_bytes, detect, place, readable, threads_for

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


def test_a_cpu_never_computes_in_half_precision():
    assert detect("cpu").dtype == "float32"


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
