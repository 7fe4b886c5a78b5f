"""Finding forbidden words: one pass over a reading of the text, however long the list is (Aho-Corasick)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick

from safety.folding import is_spaceless
from safety.normalise import Reading, normalise, readings

ALLOWED = "allowed"


@dataclass(frozen=True)
class Hit:
    """A word of the list in a text: `start` and `end` are indices in the text as it was typed."""

    word: str
    category: str
    start: int
    end: int


class Matcher:
    """A compiled word list. Words go through the same normalisation as the texts they are looked for in."""

    def __init__(self, words: Iterable[tuple[str, str]]):
        """`words` are pairs (word or phrase, category); those of category ALLOWED excuse the words inside them."""
        self._automaton = ahocorasick.Automaton()
        for word, category in words:
            pattern = normalise(word)[0].strip()
            # A phrase is found without its spaces too: childporn, c h i l d p o r n.
            for form in filter(None, {pattern, pattern.replace(" ", "")}):
                self._automaton.add_word(form, (len(form), word, category))
        self._automaton.make_automaton()

    def hits(self, text: str) -> list[Hit]:
        """Every forbidden word in `text`, in the order of the text, each place once."""
        if not len(self._automaton):
            return []
        found = {hit for reading in readings(text) for hit in self._scan(reading)}
        excuses = [hit for hit in found if hit.category == ALLOWED]
        faults = _without_excused([hit for hit in found if hit.category != ALLOWED], excuses)
        return sorted(faults, key=lambda hit: (hit.start, -hit.end, hit.word))

    def _scan(self, reading: Reading) -> Iterator[Hit]:
        for last, (length, word, category) in self._automaton.iter(reading.text):
            first = last - length + 1
            if _begins_word(reading, first) and _ends_word(reading.text, last):
                yield Hit(word, category, reading.positions[first], reading.positions[last] + 1)


def _without_excused(faults: list[Hit], excuses: list[Hit]) -> list[Hit]:
    """The faults that no excuse covers. Of the excuses that begin no later, the one that reaches furthest decides."""
    reach, waiting, left = 0, sorted(excuses, key=lambda hit: hit.start, reverse=True), []
    for fault in sorted(faults, key=lambda hit: hit.start):
        while waiting and waiting[-1].start <= fault.start:
            reach = max(reach, waiting.pop().end)
        if fault.end > reach:
            left.append(fault)
    return left


def _begins_word(reading: Reading, first: int) -> bool:
    if first == 0 or reading.positions[first] in reading.starts:
        return True
    return not _same_word(reading.text[first - 1], reading.text[first])


def _ends_word(text: str, last: int) -> bool:
    return last + 1 == len(text) or not _same_word(text[last], text[last + 1])


def _same_word(left: str, right: str) -> bool:
    """Whether two neighbours belong to one word. Digits do not: porn2 and 2porn are porn."""
    return left.isalpha() and right.isalpha() and not is_spaceless(left) and not is_spaceless(right)
