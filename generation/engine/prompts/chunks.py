"""Tokens in portions that a text encoder can read, each with its own start and end."""

from dataclasses import dataclass, field

from .parsing import BREAK

CLIP_POSITIONS = 77
MARKERS = 2  # start and end
# A longer prompt makes every attention layer slower and says nothing more; 16 portions are 1,200 tokens.
MOST_CHUNKS = 16
# How far back from a full chunk a comma is looked for, so that phrases stay whole (AUTOMATIC1111's default).
COMMA_REACH = 20
# The starter's encoder has 88 positions, of which 24 hold text; the others sketch the picture (docs/starter.md).
SKETCHING = {88: 24}


@dataclass(frozen=True)
class Window:
    """What a text encoder reads at once: `positions` of which `capacity` hold words, in at most `most_chunks`."""

    positions: int
    capacity: int
    most_chunks: int

    @property
    def limit(self):
        """Tokens of words that are read at all."""
        return self.capacity * self.most_chunks

    @property
    def text_positions(self):
        return self.capacity + MARKERS

    @property
    def sketches(self):
        return self.text_positions < self.positions


def window_of(positions):
    """The Window of an encoder with that many positions."""
    text = SKETCHING.get(positions)
    return Window(positions, (text or positions) - MARKERS, 1 if text else MOST_CHUNKS)


@dataclass
class Chunk:
    """Token ids without markers, and the weight of each."""

    ids: list = field(default_factory=list)
    weights: list = field(default_factory=list)

    def add(self, ids, weight):
        self.ids += ids
        self.weights += [weight] * len(ids)

    def split(self, place):
        """Cut off what comes after `place` and return it."""
        rest = Chunk(self.ids[place:], self.weights[place:])
        del self.ids[place:], self.weights[place:]
        return rest


def fill(units, window, comma):
    """Chunks of `units`, at least one, at most `window.most_chunks`; what is beyond is left out.

    A unit is (ids, weight), its ids never torn apart (several for an embedding of several vectors), or BREAK,
    which means nothing in a window of a single chunk. `comma` is the id of a comma.
    """
    chunks = [Chunk()]
    for unit in units:
        if unit is BREAK:
            if chunks[-1].ids and window.most_chunks > 1:
                chunks.append(Chunk())
            continue
        ids, weight = unit[0][: window.capacity], unit[1]
        if len(chunks[-1].ids) + len(ids) > window.capacity:
            if len(chunks) == window.most_chunks:
                return chunks
            chunks.append(_phrase_begun(chunks[-1], comma, ids))
        chunks[-1].add(ids, weight)
    return chunks if chunks[-1].ids or len(chunks) == 1 else chunks[:-1]


def _phrase_begun(chunk, comma, ids):
    """The words after the last comma of a full chunk, moved to the next one; nothing when it is far back."""
    recent = chunk.ids[-COMMA_REACH:]
    if comma not in recent or ids == [comma]:
        return Chunk()
    after = recent[::-1].index(comma)
    return chunk.split(len(chunk.ids) - after)
