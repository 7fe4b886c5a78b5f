"""Choices and wildcards: `{red|blue}`, `{3::red|blue}`, `__colour__`. Texts are read, never run.

Both nest: an option may hold further choices and wildcards. A brace without its partner or without a `|` is an
ordinary character, and so is one behind a backslash. The same seed, text and lists give the same result.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

# An option in an option in an option. Nobody reads more; a list that names itself has no end.
MAX_DEPTH = 8
# Options drawn for one text, and characters they may grow to before they are put together.
MAX_DRAWS = 200
MAX_LENGTH = 10_000
TOKEN = re.compile(r"\\[{}|]|__(?P<name>[^\W_]+(?:-[^\W_]+)*)__|[{}|]")
WEIGHT = re.compile(r"\s*(\d{1,4}(?:\.\d{1,3})?)::")


class TooDeep(Exception):
    """Options within options without end."""


class TooMuch(Exception):
    """More options or characters than a prompt can use."""


@dataclass
class Dealer:
    """Draws the options of one text, one after the other, from one seed.

    `options` gives the lines of a wildcard and raises what the caller likes for a name that it does not know.
    """

    seed: int | str
    options: Callable[[str], list[str]]
    drawn: int = 0
    grown: int = 0
    chance: random.Random = field(init=False)

    def __post_init__(self):
        self.chance = random.Random(f"{self.seed}")

    def expand(self, text: str, depth: int = 0) -> str:
        """`text` with every choice and wildcard drawn. Raises TooDeep, TooMuch and what `options` raises."""
        if depth > MAX_DEPTH:
            raise TooDeep
        self.grown += len(text)
        if self.grown > MAX_LENGTH:
            raise TooMuch
        groups, parts, at = find_groups(text), [], 0
        for token in TOKEN.finditer(text):
            if token.start() < at:
                continue
            parts.append(text[at : token.start()])
            drawn, at = self._draw(text, token, groups, depth)
            parts.append(drawn)
        return "".join([*parts, text[at:]])

    def _draw(self, text, token, groups, depth):
        """What stands for `token`, and where the text goes on."""
        start, found = token.start(), token.group()
        if token["name"]:
            return self._pick(self.options(token["name"].lower()), depth), token.end()
        if start in groups:
            edges = [start, *groups[start]]
            options = [text[left + 1 : right] for left, right in pairwise(edges)]
            return self._pick(options, depth), edges[-1] + 1
        return found.removeprefix("\\"), token.end()

    def _pick(self, options, depth):
        self.drawn += 1
        if self.drawn > MAX_DRAWS:
            raise TooMuch
        weights, texts = zip(*map(weighed, options), strict=True) if options else ((), ())
        if not texts:
            return ""
        usable = weights if any(weights) else None
        return self.expand(self.chance.choices(texts, usable)[0].strip(), depth + 1)


def weighed(option: str) -> tuple[float, str]:
    """(weight, text) of an option; 1 where it names none."""
    found = WEIGHT.match(option)
    return (float(found[1]), option[found.end() :]) if found else (1.0, option)


def find_groups(text: str) -> dict[int, list[int]]:
    """{opening brace: [its bars ..., its closing brace]} of every group that has a bar."""
    open_groups: list[tuple[int, list[int]]] = []
    groups = {}
    for token in TOKEN.finditer(text):
        character = token.group()
        if character == "{":
            open_groups.append((token.start(), []))
        elif character == "|" and open_groups:
            open_groups[-1][1].append(token.start())
        elif character == "}" and open_groups:
            start, bars = open_groups.pop()
            if bars:
                groups[start] = [*bars, token.start()]
    return groups
