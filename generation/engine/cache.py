"""Checkpoints kept warm between jobs, and the VAEs and ControlNets that are drawn with.

A worker process owns one CheckpointCache. Loading a checkpoint takes seconds and gigabytes; reusing
it takes neither, so the cache outlives every job.
"""

import time
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass

from .errors import CheckpointTooLarge
from .hardware import readable
from .runtime import release_memory
from .sharing import total


@dataclass
class _Held:
    value: object
    parts: dict[str, int]
    family: str
    extra: bool = False
    users: int = 0


class CheckpointCache:
    """Least-recently-used checkpoints and extras (`lend`), bounded by the bytes that all of them occupy.

    `load(ref)` returns (value, {identity of a part: its bytes}); `size_of(ref)` foretells that dict from what is
    on disk. A part that several checkpoints have in common is counted once, and stays until the last of them leaves.
    Room is made *before* loading, because memory that is full cannot hold the old checkpoint and
    the new one at once. `release()` hands freed memory back to the system.
    """

    def __init__(self, load, size_of, max_bytes, release=release_memory):
        self._load, self._size_of, self.max_bytes, self._release = load, size_of, max_bytes, release
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self.hits = self.misses = self.evictions = 0
        self.load_seconds = 0.0

    @property
    def bytes(self):
        return total([held.parts for held in list(self._held.values())])

    def __contains__(self, key):
        return key in self._held

    @contextmanager
    def use(self, ref):
        """The loaded checkpoint, safe from eviction inside the block; yields (value, whether it was resident).

        Raises CheckpointTooLarge when it cannot fit beside what is in use, and whatever `load` raises.
        """
        hit = ref.key in self._held
        self.hits, self.misses = self.hits + hit, self.misses + (not hit)
        started = time.perf_counter()
        with self._taken(ref, self._load, self._size_of) as value:
            self.load_seconds += 0 if hit else time.perf_counter() - started
            yield value, hit

    @contextmanager
    def lend(self, ref, load, size_of):
        """The same for what is drawn with beside a checkpoint: `load(ref)` and `size_of(ref)` are its own."""
        with self._taken(ref, load, size_of, extra=True) as value:
            yield value

    @contextmanager
    def _taken(self, ref, load, size_of, extra=False):
        held = self._held.get(ref.key) or self._admit(ref, load, size_of, extra)
        self._held.move_to_end(ref.key)
        held.users += 1
        try:
            yield held.value
        finally:
            held.users -= 1

    def _admit(self, ref, load, size_of, extra):
        self._make_room(size_of(ref), ref)
        value, parts = load(ref)
        # The forecast can be a few bytes short (buffers that no file holds), so the bound is asked again.
        self._make_room(parts, ref)
        held = self._held[ref.key] = _Held(value, parts, ref.family, extra)
        return held

    def _make_room(self, parts, ref):
        needed = total([parts, *(held.parts for held in self._held.values() if held.users)])
        if needed > self.max_bytes:
            raise CheckpointTooLarge(model=str(ref), needed=readable(total([parts])), bound=readable(self.max_bytes))
        idle = [key for key, held in self._held.items() if not held.users]
        while total([parts, *(held.parts for held in self._held.values())]) > self.max_bytes:
            self.evict(idle.pop(0))

    def evict(self, key):
        """Drop one checkpoint and really return its memory; unknown keys are ignored."""
        if self._held.pop(key, None) is not None:
            self.evictions += 1
            self._release()

    def evict_others(self, key):
        """Drop everything idle but `key`: the first help when memory runs out."""
        for other in [other for other, held in self._held.items() if other != key and not held.users]:
            self.evict(other)

    def report(self):
        """Figures for the operator; `resident`: checkpoints from least to most recently used; `extras`: bytes."""
        return {
            "bytes": self.bytes,
            "max_bytes": self.max_bytes,
            "hits": self.hits,
            "misses": self.misses,
            "evictions": self.evictions,
            "load_seconds": round(self.load_seconds, 3),
            "resident": [
                {"key": key, "bytes": total([held.parts]), "family": held.family}
                for key, held in list(self._held.items())
                if not held.extra
            ],
            "extras": sum(total([held.parts]) for held in list(self._held.values()) if held.extra),
        }
