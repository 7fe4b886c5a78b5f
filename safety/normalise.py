"""Text as the word list reads it: what a reader sees, whatever was done to hide it.

A text has a plain reading and, where it gives cause, others: with digits read as letters (p0rn), and with letters
pushed together that stand apart (p o r n). Each keeps a map to the characters of the original.
"""

import re
from dataclasses import dataclass

from safety.folding import fold

LEET = {"0": "o", "1": "i", "!": "i", "3": "e", "4": "a", "@": "a", "5": "s", "$": "s", "7": "t", "8": "b", "9": "g"}
LEET_L = LEET | {"1": "l", "!": "l"}
# Only beside a letter: 1990 is a year. A closing exclamation mark ends a sentence.
# Each run is looked at from its first character only, so that the time stays linear in the length of the text.
LEET_RUN = re.compile(
    r"(?<=[a-z])(?:[01345789@$]|!(?=[a-z01345789@$]))++|(?<![a-z01345789@$!])[01345789@$!]++(?=[a-z])"
)
TOKEN = re.compile(r"[^\W_]+")
# Single characters kept apart by the same thing each time: s e x, s.e.x, 色-情.
SPACED_RUN = re.compile(r"(?<![^\W_])[^\W_](?P<gap>[\W_]{1,3})[^\W_](?:(?P=gap)[^\W_])*(?![^\W_])")
# What hides a word inside Chinese text, as opposed to what stands between two words (红色，情人).
SPACELESS = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
FILLER = re.compile(rf"(?<={SPACELESS})[*_~^#$%&@'\"`.·-]{{1,3}}(?={SPACELESS})")
LATIN_MINIMUM = 3


@dataclass(frozen=True)
class Reading:
    """One way to read a text: letters, digits and single spaces.

    `positions[i]` is the index in the original that `text[i]` came from; `starts` are indices in the original where
    a word may begin although a letter stands before it.
    """

    text: str
    positions: list[int]
    starts: frozenset[int] = frozenset()


def normalise(text: str) -> tuple[str, list[int]]:
    """The plain reading of `text`, and for each of its characters the index it came from."""
    plain = _spaced_once(_folded(text))
    return plain.text, plain.positions


def readings(text: str) -> list[Reading]:
    """Every reading of `text` that the word list must be held against; the plain one first."""
    spelt = [_folded(text)]
    spelt += _leet(spelt[0])
    return [_spaced_once(reading) for reading in (*spelt, *_joined(spelt))]


def _folded(text: str) -> Reading:
    if text.isascii():
        return Reading(text.lower(), list(range(len(text))))
    plain = [fold(character) for character in text]
    return Reading("".join(plain), [index for index, some in enumerate(plain) for _ in some])


def _leet(reading: Reading) -> list[Reading]:
    """Digits and signs beside letters read as the letters they stand for; 1 and ! stand for i or l."""
    if not LEET_RUN.search(reading.text):
        return []
    tables = [LEET, LEET_L] if set("1!") & set(reading.text) else [LEET]
    return [Reading(_translate(reading.text, str.maketrans(table)), reading.positions) for table in tables]


def _translate(text: str, table) -> str:
    return LEET_RUN.sub(lambda run: run[0].translate(table), text)


def _joined(spelt: list[Reading]) -> list[Reading]:
    """The readings without what stands inside spaced-out words; none where no word is spaced out."""
    found = []
    for reading in spelt:
        dropped: set[int] = set()
        starts: set[int] = set()
        for run in SPACED_RUN.finditer(reading.text):
            _join(run, reading, dropped, starts)
        for filler in FILLER.finditer(reading.text):
            dropped.update(range(*filler.span()))
        if dropped:
            kept = [at for at in range(len(reading.text)) if at not in dropped]
            text, positions = "".join(reading.text[at] for at in kept), [reading.positions[at] for at in kept]
            found.append(Reading(text, positions, frozenset(starts)))
    return found


def _join(run, reading, dropped, starts):
    text, gap = run[0], run["gap"]
    letters = text.replace(gap, "")
    if text.isascii() and len(letters) < LATIN_MINIMUM:
        return
    first, step = run.start(), len(gap) + 1
    dropped.update(at for at in range(first, run.end()) if (at - first) % step)
    if letters[0] in "ai":
        # "a s e x scene": the article is a word of its own.
        starts.add(reading.positions[first + step])


def _spaced_once(reading: Reading) -> Reading:
    """Every run of other characters becomes one space, so that child-porn and child  porn are child porn."""
    tokens: list[str] = []
    positions: list[int] = []
    for token in TOKEN.finditer(reading.text):
        if tokens:
            positions.append(reading.positions[token.start() - 1])
        tokens.append(token[0])
        positions += reading.positions[token.start() : token.end()]
    return Reading(" ".join(tokens), positions, reading.starts)
