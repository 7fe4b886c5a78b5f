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


def window_of(positions):
    """The Window of an encoder with that many positions."""
    text = SKETCHING.get(positions)
    return Window(positions, (text or positions) - MARKERS, 1 if text else MOST_CHUNKS)


@dataclass
class Chunk:
    """Token ids without markers, and the weight of each."""

    ids: list = field(default_factory=list)
    weights: list = field(default_factory=list)

    def add(self, unit, weight):
        self.ids += unit
        self.weights += [weight] * len(unit)

    def split(self, place):
        """Cut off what comes after `place` and return it."""
        rest = Chunk(self.ids[place:], self.weights[place:])
        del self.ids[place:], self.weights[place:]
        return rest


def fill(pieces, window, units_of, comma):
    """Chunks of parsed pieces, at least one, at most `window.most_chunks`.

    `units_of(text)` gives lists of ids that must not be torn apart (one id each, several for an embedding
    of several vectors); `comma` is the id of a comma. In a window of a single chunk BREAK means nothing.
    """
    chunks = [Chunk()]
    for piece in pieces:
        if piece is BREAK:
            if chunks[-1].ids and window.most_chunks > 1:
                chunks.append(Chunk())
            continue
        for unit in units_of(piece[0]):
            if len(chunks[-1].ids) + len(unit) > window.capacity:
                if len(chunks) == window.most_chunks:
                    return chunks
                chunks.append(_phrase_begun(chunks[-1], comma, unit))
            chunks[-1].add(unit[: window.capacity], piece[1])
    return chunks if chunks[-1].ids or len(chunks) == 1 else chunks[:-1]


def _phrase_begun(chunk, comma, unit):
    """The words after the last comma of a full chunk, moved to the next one; nothing when it is far back."""
    recent = chunk.ids[-COMMA_REACH:]
    if comma not in recent or unit == [comma]:
        return Chunk()
    after = recent[::-1].index(comma)
    return chunk.split(len(chunk.ids) - after)
