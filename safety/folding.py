"""One character as a reader sees it: whatever its width, case, script or accents, and nothing for what has no shape.

The tables hold for every character alone, so that a folded text keeps a map back to the characters it came from.
"""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

import opencc

CONFUSABLES = Path(__file__).parent / "words" / "confusables.txt"
SIMPLIFIED = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
# Letters that print as nothing: Hangul fillers and the blank Braille pattern.
INVISIBLE = "\u115f\u1160\u3164\uffa0\u2800"
# Marks that any letter can wear. The marks of Indic scripts and of kana are part of the spelling and stay.
MARKS = r"\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe2f"
A_MARK = re.compile(f"[{MARKS}]")
UNSEEN = re.compile(f"[{MARKS}{INVISIBLE}]")
# Scripts written without spaces, where a word has no edges to look for: Thai to Khmer, kana, Han, Hangul.
SPACELESS = re.compile(
    r"[\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3040-\u31ff\u3400-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    r"\U00020000-\U0003ffff]"
)


@cache
def lookalikes() -> dict[str, str]:
    """Letters of other scripts -> the Latin letter they are taken for (source: the head of the file)."""
    lines = CONFUSABLES.read_text(encoding="utf-8").splitlines()
    return {other: line[0] for line in lines if not line.startswith("#") for other in line[2:]}


@cache
def simplified() -> dict[str, str]:
    """Traditional -> simplified characters, from OpenCC's table; the first choice where there are several."""
    lines = SIMPLIFIED.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if "\t" in line)
    return {old: new.split()[0] for old, new in pairs if len(old) == 1}


@lru_cache(maxsize=65536)
def fold(character: str) -> str:
    """The plain form of one character: lower-case, narrow, without accents; '' for what cannot be seen."""
    if "\u4e00" <= character <= "\u9fff":
        return simplified().get(character, character)
    if "\uac00" <= character <= "\ud7a3":
        return character
    if is_unseen(character):
        return ""
    plain = _latin(unicodedata.normalize("NFKC", character))
    plain = _latin(_without_marks(plain).casefold())
    return "".join(simplified().get(one, one) for one in _without_marks(plain))


def _latin(text: str) -> str:
    return "".join(lookalikes().get(one, one) for one in text)


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", A_MARK.sub("", apart))


def is_unseen(character: str) -> bool:
    """Zero-width, direction and tag characters, fillers, marks: they change how a word is stored, not how it looks."""
    return bool(UNSEEN.match(character)) or unicodedata.category(character) in {"Cf", "Co", "Cs"}


def is_spaceless(character: str) -> bool:
    return bool(SPACELESS.match(character))
