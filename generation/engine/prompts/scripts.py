"""A prompt as it is read step by step, and prompts joined by AND, each with its weight.

`a cat AND a dog :1.2` draws towards both (composable diffusion, Liu et al. 2022). AND is read in the prompt alone and
outside of brackets, as AUTOMATIC1111 writes it; the negative prompt is what each is held against.
"""

import re
from dataclasses import dataclass

from .editing import pairs_of, readings, variants
from .parsing import MOST_WEIGHT

_AND = re.compile(r"\bAND\b")
_WEIGHT = re.compile(r"(?P<words>.*?)\s*:\s*(?P<weight>[+-]?(?:[0-9]{1,6}\.?[0-9]{0,6}|\.[0-9]{1,6}))\s*\Z", re.DOTALL)


@dataclass(frozen=True)
class Reading:
    """What is read at one step: ((words, weight), ...) and the negative prompt."""

    parts: tuple[tuple[str, float], ...]
    negative: str = ""


def script(prompt, negative, steps):
    """The Reading of each of `steps` steps."""
    joined = split(prompt)
    weights = [weight for _, weight in joined]
    moments = zip(*(readings(words, steps) for words, _ in joined), strict=True)
    return tuple(
        Reading(tuple(zip(words, weights, strict=True)), without)
        for words, without in zip(moments, readings(negative, steps), strict=True)
    )


def is_plain(asked):
    """Whether a script says one prompt at full weight from the first step to the last."""
    return len(set(asked)) == 1 and len(asked[0].parts) == 1


def texts(prompt):
    """Every text that a text encoder reads of this prompt, for counting."""
    return tuple(dict.fromkeys(text for words, _ in split(prompt) for text in variants(words)))


def split(prompt):
    """[(words, weight)] of the prompts that AND joins, those without words left out; a single one is whole and 1.0."""
    pieces = [_weighed(piece) for piece in _pieces(prompt)]
    joined = [(words, weight) for words, weight in pieces if words]
    if len(pieces) == 1 or not joined:
        return [(prompt if len(pieces) == 1 else "", 1.0)]
    return joined if len(joined) > 1 else [(joined[0][0], 1.0)]


def _pieces(prompt):
    pairs, start, pieces = pairs_of(prompt), 0, []
    closed = 0  # where the outermost bracket so far ends
    marks = sorted([*pairs, *(found.start() for found in _AND.finditer(prompt))])
    for place in marks:
        if place < closed:
            continue
        if place in pairs:
            closed = pairs[place] + 1
        else:
            pieces.append(prompt[start:place])
            start = place + len("AND")
    return [*pieces, prompt[start:]]


def _weighed(piece):
    found = _WEIGHT.match(piece)
    if found is None:
        return piece.strip(), 1.0
    return found["words"].strip(), max(-MOST_WEIGHT, min(MOST_WEIGHT, float(found["weight"])))
