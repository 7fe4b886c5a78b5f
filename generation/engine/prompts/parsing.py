"""AUTOMATIC1111's way of stressing words: `(a)`, `((a))`, `[a]`, `(a:1.3)`, `\\(`, BREAK.

Follows parse_prompt_attention of its modules/prompt_parser.py, with two differences: a bracket without
its partner is a character like any other (there it acts to the end of the prompt), and BREAK works inside
brackets too. What changes from step to step, and AND, are read before: see `editing` and `scripts`.
"""

import re

ROUND, SQUARE = 1.1, 1 / 1.1
MOST_WEIGHT = 10.0  # beyond this the hidden states are noise, and a product of many may overflow
MOST_NESTED = 50  # brackets inside more than these change nothing: 1.1 ** 50 is far beyond MOST_WEIGHT
BREAK = ("BREAK", -1.0)  # compared by identity: no text can counterfeit it

_SYNTAX = re.compile(
    r"""
    \\(?P<escaped>[()\[\]\\])
    | (?P<open>[(\[])
    | :\s*(?P<weight>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))\s*\)
    | (?P<close>[)\]])
    | \b(?P<break>BREAK)\b
    | (?P<text>(?:(?!\bBREAK\b)[^\\()\[\]:])+ | .)
    """,
    re.VERBOSE | re.DOTALL,
)


def parse(text):
    """Pieces (text, weight) of a prompt, neighbours of equal weight joined; BREAK stands between chunks.

    Never raises. An empty prompt is [("", 1.0)]. Weights are within -MOST_WEIGHT and MOST_WEIGHT.
    """
    pieces: list = []
    opened: dict[str, list[int]] = {"(": [], "[": []}
    for found in _SYNTAX.finditer(text):
        _take(found, pieces, opened)
    return _joined(pieces) or [("", 1.0)]


def _take(found, pieces, opened):
    kind, said = found.lastgroup, found[0]
    if kind == "break":
        pieces.append(BREAK)
    elif kind == "open":
        opened[said].append(len(pieces))
        pieces.append([said, 1.0])  # stays where it is unless its partner comes
    elif kind == "weight" and opened["("]:
        _stress(pieces, opened["("], float(found["weight"]))
    elif kind == "close" and opened["(" if said == ")" else "["]:
        bracket = "(" if said == ")" else "["
        _stress(pieces, opened[bracket], ROUND if bracket == "(" else SQUARE)
    else:
        pieces.append([found["escaped"] or said, 1.0])


def _stress(pieces, opened, weight):
    """Weigh what stands after the bracket opened last, and drop that bracket."""
    depth, start = len(opened), opened.pop()
    pieces[start][0] = ""
    if depth > MOST_NESTED:
        return
    for piece in pieces[start + 1 :]:
        if piece is not BREAK:
            piece[1] = max(-MOST_WEIGHT, min(MOST_WEIGHT, piece[1] * weight))


def _joined(pieces):
    """Neighbours of equal weight as one, without the brackets that were read and the space around BREAK."""
    joined: list = []
    for piece in pieces:
        after_break = bool(joined) and joined[-1] is BREAK
        text, weight = piece
        if piece is BREAK:
            _strip_end(joined)
            joined.append(BREAK)
        elif after_break:
            joined += [(text.lstrip(), weight)] if text.lstrip() else []
        elif text and joined and joined[-1][1] == weight:
            joined[-1] = (joined[-1][0] + text, weight)
        elif text:
            joined.append((text, weight))
    return joined


def _strip_end(joined):
    """Take the space off the end of the last text."""
    while joined and joined[-1] is not BREAK:
        text, weight = joined.pop()
        if text.rstrip():
            joined.append((text.rstrip(), weight))
            return
