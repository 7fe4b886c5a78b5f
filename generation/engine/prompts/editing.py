"""Words that change while a picture is drawn, as AUTOMATIC1111 writes them.

`[from:to:when]` reads `from` up to the step `when` and `to` after it; `[to:when]` adds, `[from::when]` takes away;
`[a|b]` takes turns at every step. `when` is a share of the steps if it has a point, else the number of a step. All
nest. Follows get_learned_conditioning_prompt_schedules of its modules/prompt_parser.py. What has neither a bar nor
a number at its end, such as `[word]`, is left as it is: `parsing` reads it as words of less weight.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from ..limits import MAX_STEPS

MOST_NESTED = 50  # brackets inside more than these are characters
_OPENING = {")": "(", "]": "[", "}": "{"}
_MARK = re.compile(r"\\.|[()\[\]{}:|]", re.DOTALL)
_NUMBER = re.compile(r"\s*(?P<sign>[+-]?)(?P<number>\d{1,6}(?P<share>\.\d{0,6})?|(?P<bare>\.\d{1,6}))\s*\Z")


@dataclass(frozen=True)
class Change:
    """`before` up to and with the step `when`, `after` from then on; `when` is a share of the steps if `share`."""

    before: tuple
    after: tuple
    when: float
    share: bool

    def at(self, step, steps):
        last = int(self.when * steps) if self.share else int(self.when)
        return _said(self.before if step <= last else self.after, step, steps)


@dataclass(frozen=True)
class Turns:
    """One option a step, again and again."""

    options: tuple

    def at(self, step, steps):
        return _said(self.options[(step - 1) % len(self.options)], step, steps)


def readings(text, steps):
    """What is read at each step: `steps` texts. Never raises; a text without this syntax is itself at every step."""
    parts = _parts(text, 0, len(text), pairs_of(text), 0)
    if all(isinstance(part, str) for part in parts):
        return (text,) * steps
    return tuple(_said(parts, step, steps) for step in range(1, steps + 1))


def variants(text):
    """The different texts that `text` is read as in the course of a drawing, whatever its number of steps."""
    return tuple(dict.fromkeys(readings(text, MAX_STEPS)))


def _said(parts, step, steps):
    return "".join(part if isinstance(part, str) else part.at(step, steps) for part in parts)


def pairs_of(text):
    """{place of a bracket: place of its partner}, opening ones only. Brackets without a partner are characters."""
    waiting: list[int] = []
    pairs = {}
    for mark in _MARK.finditer(text):
        if mark[0] in "([{":
            waiting.append(mark.start())
        elif mark[0] in _OPENING:
            same = (n for n in range(len(waiting) - 1, -1, -1) if text[waiting[n]] == _OPENING[mark[0]])
            if (nearest := next(same, None)) is not None:
                pairs[waiting[nearest]] = mark.start()
                del waiting[nearest:]
    return pairs


def _parts(text, start, end, pairs, depth):
    """The texts, Changes and Turns between two places."""
    parts, plain = [], start
    for place in _brackets(text, start, end, pairs) if depth < MOST_NESTED else ():
        close = pairs[place]
        found = _read(text, place + 1, close, pairs, depth) if text[place] == "[" else None
        if found is not None:
            parts += [text[plain:place], found]
        else:
            # Brackets of another meaning stay, and so does what they hold unless it changes.
            parts += [text[plain : place + 1], *_parts(text, place + 1, close, pairs, depth + 1), text[close]]
        plain = close + 1
    return tuple(part for part in (*parts, text[plain:end]) if part != "")


def _brackets(text, start, end, pairs):
    """Places of the outermost brackets between two places."""
    for mark in _MARK.finditer(text, start, end):
        if mark.start() >= start and mark.start() in pairs:
            yield mark.start()
            start = pairs[mark.start()] + 1


def _read(text, start, end, pairs, depth):
    """The Change or Turns that a square bracket's inside stands for, or None."""
    bars, colons = (_separators(text, start, end, pairs, mark) for mark in "|:")

    def between(edges):
        edges = [start - 1, *edges]
        return [_parts(text, a + 1, b, pairs, depth + 1) for a, b in pairwise(edges)]

    if bars:
        return Turns(tuple(between([*bars, end])))
    number = _NUMBER.match(text, colons[-1] + 1, end) if len(colons) in (1, 2) else None
    if number is None:
        return None
    *before, after = between(colons)
    when = 0.0 if number["sign"] == "-" else float(number["number"])
    return Change(before[0] if before else (), after, when, bool(number["share"] or number["bare"]))


def _separators(text, start, end, pairs, wanted):
    """Places of a mark between two places, outside of any brackets there."""
    places = []
    for mark in _MARK.finditer(text, start, end):
        if mark.start() < start:
            continue
        if mark.start() in pairs:
            start = pairs[mark.start()] + 1
        elif mark[0] == wanted:
            places.append(mark.start())
    return places
