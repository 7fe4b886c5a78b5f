"""Texts as ASCII tokens that no database takes apart, drops or folds any further.

    water, naïve      w0water, w0naive      every letter outside ASCII as z and five hexadecimal digits
    水墨画             c006c34 ... and c006c34058a8 ...: each character, and each two neighbours
    water             g00wa, g0er0          how words begin and end: what misspelt names are found by

The two characters in front keep clear of stop words and of the shortest word that FULLTEXT keeps (3).
"""

import itertools
import re
import unicodedata
from dataclasses import dataclass

WORD, CHARACTERS, GRAM = "w0", "c0", "g0"
# FULLTEXT keeps words of up to 84 characters.
LONGEST = 80
MOST_TERMS = 12
CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(rf"(?P<cjk>[{CJK}]+)|(?P<word>[^\W_{CJK}]+)")
ACCENTS = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True)
class Query:
    """What must be there, what must not, and whether the last of `wanted` may go on (somebody is still typing)."""

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    is_open: bool = False

    def __bool__(self) -> bool:
        return bool(self.wanted)


def fold(text: str) -> str:
    """Width, case and accents make no difference."""
    plain = ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", plain).casefold()


def runs(text: str) -> list[tuple[str, bool]]:
    """(run, whether it is Chinese, Japanese or Korean) for the words of `text`, folded."""
    return [(found[0], found.lastgroup == "cjk") for found in RUN.finditer(fold(text))]


def for_index(text: str) -> str:
    """The tokens that `text` is found by, separated by spaces."""
    found: list[str] = []
    for run, is_cjk in runs(text):
        found += [*singles(run), *pairs(run)] if is_cjk else [word(run)]
    return " ".join(dict.fromkeys(found))


def for_query(text: str) -> Query:
    """What `text` asks for; words after a minus sign are unwanted."""
    wanted: list[str] = []
    unwanted: list[str] = []
    is_open = False
    for part in text.split():
        into = unwanted if part.startswith("-") and len(part) > 1 else wanted
        for run, is_cjk in runs(part):
            into += (pairs(run) or singles(run)) if is_cjk else [word(run)]
            is_open = into is wanted and not is_cjk
    return Query(tuple(dict.fromkeys(wanted))[:MOST_TERMS], tuple(unwanted)[:MOST_TERMS], is_open)


def grams(text: str) -> str:
    """How the words of `text` that have an alphabet begin and end: a slip of the finger seldom spoils both."""
    found = [gram for run, is_cjk in runs(text) if not is_cjk and len(run) > 2 for gram in ends(run)]
    return " ".join(dict.fromkeys(found))


def ends(run: str) -> list[str]:
    return [GRAM + ascii_only(f"0{run[:2]}"), GRAM + ascii_only(f"{run[-2:]}0")]


def alike(text: str) -> list[list[tuple[str, bool]]]:
    """For each word of `text` the tokens that a word like it has one of, and whether the token may go on."""
    groups = []
    for run, is_cjk in runs(text)[:MOST_TERMS]:
        if is_cjk or len(run) < 4:
            groups += [[(token, False)] for token in (pairs(run) or singles(run) if is_cjk else [word(run)])]
        else:
            begins, stops = ends(run)
            # A long word is known by three letters: two would be shared by thousands.
            groups.append([(word(run[:3]), True) if len(run) > 5 else (begins, False), (stops, False)])
    return groups


def word(run: str) -> str:
    return (WORD + ascii_only(run))[:LONGEST]


def singles(run: str) -> list[str]:
    return [CHARACTERS + code(mark) for mark in run]


def pairs(run: str) -> list[str]:
    return [CHARACTERS + code(first) + code(second) for first, second in itertools.pairwise(run)]


def ascii_only(run: str) -> str:
    return "".join(mark if mark.isascii() else f"z{code(mark)}" for mark in run)


def code(mark: str) -> str:
    return f"{ord(mark):05x}"
