"""Chinese prompts for models that read only English: the longest words of a dictionary become tags, the rest stays.

tags.json: word -> [English, kind, initials of its pinyin]. Of the kinds, "attribute", "count" and "join" belong to
the word behind them, and "drop" has no place among tags.
"""

import json
import re
from functools import cache
from pathlib import Path

from safety.folding import simplified

TAGS = Path(__file__).parent / "tags.json"
HAN = re.compile(r"[\u3400-\u9fff]")
# Families whose own text encoder was taught Chinese.
READS_CHINESE = {"starter"}
LEADS = {"attribute", "count", "join"}
PUNCTUATION = str.maketrans({
    "，": ", ", "、": ", ", "；": ", ", "。": ", ", "！": ", ", "？": ", ", "：": ":", "（": "(", "）": ")",
    "【": "[", "】": "]", "“": " ", "”": " ", "《": " ", "》": " ", "\u3000": " ",
})  # fmt: skip


@cache
def tags() -> dict[str, tuple[str, str, str]]:
    """{Chinese word: (English, kind, initials)}."""
    return {word: tuple(entry) for word, entry in json.loads(TAGS.read_text(encoding="utf-8")).items()}


@cache
def longest() -> dict[str, int]:
    """{first character: length of the longest word that begins with it}."""
    found: dict[str, int] = {}
    for word in tags():
        found[word[0].lower()] = max(len(word), found.get(word[0].lower(), 0))
    return found


@cache
def lookup() -> dict[str, str]:
    return {word.lower(): word for word in tags()}


def complete_to_english(text: str, family: str | None) -> str:
    """`text` as it is sent to a model of `family`: unchanged where it is read as it is."""
    if not family or family in READS_CHINESE or not HAN.search(text):
        return text
    words = list(pieces(text))
    joined = "".join(gap(before, word) + word[0] for before, word in zip([("", "raw"), *words], words, strict=False))
    return tidy(joined)


def pieces(text: str):
    """(text, kind) one after the other; kind "raw" is what was not Chinese, "unknown" what is not in the dictionary."""
    at, raw = 0, ""
    while at < len(text):
        word = word_at(text, at)
        if not word and not HAN.match(text[at]):
            raw, at = raw + text[at], at + 1
            continue
        if raw:
            yield raw.translate(PUNCTUATION), "raw"
            raw = ""
        if word:
            english, kind, _initials = tags()[lookup()[word]]
            at += len(word)
            if kind != "drop":
                yield english, kind
        else:
            unknown = unknown_at(text, at)
            at += len(unknown)
            yield unknown, "unknown"
    if raw:
        yield raw.translate(PUNCTUATION), "raw"


def word_at(text: str, at: int) -> str:
    """The longest word of the dictionary here, in its written form; one character counts only before a known one."""
    plain = plain_at(text, at)
    for length in range(len(plain), 1, -1):
        if plain[:length] in lookup() and not splits_latin(text, at):
            return plain[:length]
    if plain[:1] in lookup() and HAN.match(plain) and stands_alone(text, at + 1):
        return plain[:1]
    return ""


def plain_at(text: str, at: int) -> str:
    most = longest().get(simplified().get(text[at], text[at]).lower(), 0)
    return "".join(simplified().get(one, one) for one in text[at : at + most]).lower()


def splits_latin(text: str, at: int) -> bool:
    """Whether this would begin in the middle of a Latin word."""
    return bool(at) and text[at].isascii() and text[at - 1].isascii() and text[at - 1].isalnum()


def stands_alone(text: str, at: int) -> bool:
    """Whether a single character may end here: before the end, before another script, or before a known word."""
    if at >= len(text) or not HAN.match(text[at]):
        return True
    plain = plain_at(text, at)
    return any(plain[:length] in lookup() for length in range(len(plain), 0, -1))


def unknown_at(text: str, at: int) -> str:
    """The Chinese from here to the next known word."""
    end = at + 1
    while end < len(text) and HAN.match(text[end]) and not word_at(text, end):
        end += 1
    return text[at:end]


def gap(before: tuple[str, str], word: tuple[str, str]) -> str:
    """What stands between two pieces: a space behind what leads a word, a comma between two tags."""
    if not before[0] or "raw" in (before[1], word[1]):
        ends, begins = before[0][-1:], word[0][:1]
        return " " if ends.isalnum() and begins.isalnum() else ""
    return " " if before[1] in LEADS or word[1] == "join" else ", "


def tidy(text: str) -> str:
    """Single commas and spaces, and "an" where the next word wants it."""
    text = re.sub(r"[ \t]{2,}", " ", text)
    text = re.sub(r"\s*,(?:\s*,)*[ \t]*", ", ", text)
    return re.sub(r"\ba (?=[aeiou])", "an ", text).strip(" ,")
