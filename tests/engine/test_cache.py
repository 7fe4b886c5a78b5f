from contextlib import ExitStack, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.engine.cache import CheckpointCache
from generation.engine.errors import CheckpointTooLarge
from generation.engine.spec import CheckpointRef

REFS = [CheckpointRef(str(number), "/x", "diffusers", "sd1") for number in range(6)]
KB = 1000


class Memory:
    """Stands in for the memory of a device: what is loaded and not yet evicted."""

    def __init__(self, sizes, surprise=0, bound=10 * KB):
        self.sizes, self.surprise, self.loads, self.highest, self.released = sizes, surprise, [], 0, 0
        self.cache = CheckpointCache(self.load, lambda ref: {ref.key: sizes[int(ref.key)]}, bound, self.release)

    def load(self, ref):
        size = self.sizes[int(ref.key)] + self.surprise
        self.loads.append(ref.key)
        self.highest = max(self.highest, self.cache.bytes + self.sizes[int(ref.key)])
        return f"pipeline {ref.key}", {ref.key: size}

    def release(self):
        self.released += 1

    def visit(self, ref):
        with self.cache.use(ref) as (value, hit):
            return value, hit


@given(
    sizes=st.lists(st.integers(1, 14 * KB), min_size=6, max_size=6),
    visits=st.lists(st.integers(0, 5), max_size=40),
    surprise=st.integers(0, 500),
)
def test_bytes_never_exceed_the_bound(sizes, visits, surprise):
    memory = Memory(sizes, surprise)

    for number in visits:
        try:
            value, _ = memory.visit(REFS[number])
        except CheckpointTooLarge:
            assert sizes[number] + surprise > memory.cache.max_bytes
        else:
            assert value == f"pipeline {number}"
        assert memory.cache.bytes <= memory.cache.max_bytes

    assert memory.highest <= memory.cache.max_bytes
    assert memory.cache.hits + memory.cache.misses == len(visits)


def test_the_least_recently_used_leaves_first():
    memory = Memory([4 * KB] * 6)

    for number in (0, 1, 0, 2):
        memory.visit(REFS[number])

    assert [held["key"] for held in memory.cache.report()["resident"]] == ["0", "2"]
    assert memory.cache.report()["evictions"] == memory.released == 1


def test_a_second_visit_does_not_load_again():
    memory = Memory([KB] * 6)

    assert memory.visit(REFS[0])[1] is False
    assert memory.visit(REFS[0])[1] is True
    assert memory.loads == ["0"]


def test_what_is_in_use_is_never_evicted():
    memory = Memory([6 * KB] * 6)

    with memory.cache.use(REFS[0]), pytest.raises(CheckpointTooLarge):
        memory.visit(REFS[1])

    assert "0" in memory.cache
    assert memory.visit(REFS[1])[0] == "pipeline 1"


def test_a_checkpoint_above_the_bound_is_refused_before_loading():
    memory = Memory([11 * KB] + [KB] * 5)
    memory.visit(REFS[1])

    with pytest.raises(CheckpointTooLarge, match="memory, more than the"):
        memory.visit(REFS[0])

    assert memory.loads == ["1"]
    assert "1" in memory.cache


def test_a_failed_load_leaves_nothing_behind():
    memory = Memory([KB] * 6)
    memory.cache._load = lambda ref: 1 / 0

    with pytest.raises(ZeroDivisionError):
        memory.visit(REFS[0])

    assert memory.cache.bytes == 0


class Family:
    """Checkpoints of two parts; `parts[number]` names them, every part takes 4 KB."""

    def __init__(self, *parts):
        self.parts = [dict.fromkeys(names, 4 * KB) for names in parts]
        self.cache = CheckpointCache(lambda ref: (ref.key, self.of(ref)), self.of, 12 * KB, lambda: None)

    def of(self, ref):
        return self.parts[int(ref.key)]

    def visit(self, *numbers):
        for number in numbers:
            with self.cache.use(REFS[number]):
                pass
        return sorted(held["key"] for held in self.cache.report()["resident"])


def test_a_part_in_common_is_counted_once():
    family = Family("ax", "bx", "cx")

    assert family.visit(0, 1) == ["0", "1"]
    assert family.cache.bytes == 12 * KB
    assert family.visit(2) == ["1", "2"]
    assert family.cache.bytes == 12 * KB


def test_a_part_in_common_stays_until_the_last_that_has_it_leaves():
    family = Family("ax", "bx", "cd")

    assert family.visit(0, 1, 2) == ["2"]
    assert family.cache.bytes == 8 * KB
    assert family.cache.evictions == 2


def test_what_is_in_use_gives_room_for_what_shares_with_it():
    family = Family("ax", "bx", "cde")

    with family.cache.use(REFS[0]):
        assert family.visit(1) == ["0", "1"]
        with pytest.raises(CheckpointTooLarge):
            family.visit(2)


@given(
    parts=st.lists(st.sets(st.sampled_from("abcdefg"), min_size=1, max_size=4), min_size=6, max_size=6),
    visits=st.lists(st.integers(0, 5), max_size=40),
)
def test_bytes_are_those_of_the_parts_that_are_held(parts, visits):
    family = Family(*parts)

    for number in visits:
        if len(parts[number]) <= 3:
            resident = family.visit(number)
            held = set().union(*(parts[int(key)] for key in resident))
            assert str(number) in resident
            assert family.cache.bytes == 4 * KB * len(held) <= family.cache.max_bytes


@given(
    sizes=st.lists(st.integers(1, 9 * KB), min_size=6, max_size=6),
    visits=st.lists(st.tuples(st.integers(0, 2), st.sets(st.integers(3, 5))), max_size=30),
)
def test_what_is_lent_counts_and_goes_like_a_checkpoint(sizes, visits):
    memory = Memory(sizes)

    def size_of(ref):
        return {ref.key: sizes[int(ref.key)]}

    for number, extras in visits:
        with suppress(CheckpointTooLarge), ExitStack() as stack:
            stack.enter_context(memory.cache.use(REFS[number]))
            for extra in extras:
                stack.enter_context(memory.cache.lend(REFS[extra], lambda ref: (ref.key, size_of(ref)), size_of))
            assert {str(number), *map(str, extras)} <= set(memory.cache._held)
        assert memory.cache.bytes <= memory.cache.max_bytes
        figures = memory.cache.report()
        assert figures["bytes"] == figures["extras"] + sum(held["bytes"] for held in figures["resident"])
        assert not {"3", "4", "5"} & {held["key"] for held in figures["resident"]}
