"""Which texts hold a forbidden word, however it is written, and which do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safety.matcher import Matcher
from safety.normalise import normalise, readings

LATIN = ["porn", "naked woman", "sex", "rapist", "ass", "cock", "anal", "cum", "tit"]
CHINESE = ["色情", "强奸", "乱伦"]
MATCHER = Matcher([(word, "sexual") for word in LATIN + CHINESE] + [("pussy willow", "allowed"), ("pussy", "sexual")])

TRADITIONAL = str.maketrans("强乱伦", "強亂倫")
HOMOGLYPHS = str.maketrans("aceopsxwkn", "асеорѕхԝкп")
LEET = str.maketrans("aeio", "4310")

EVASIONS = {
    "full width": lambda word: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word),
    "zero-width": lambda word: "\u200b".join(word),
    "soft hyphen": lambda word: "\u00ad".join(word),
    "upper case": str.upper,
    "combining": lambda word: "".join(c + "\u0336" for c in word),
    "accents": lambda word: word.replace("o", "ö").replace("a", "á").replace("e", "è"),
    "spaced": lambda word: " ".join(word),
    "dotted": lambda word: ".".join(word),
    "starred": lambda word: "*".join(word),
    "traditional": lambda word: word.translate(TRADITIONAL),
    "homoglyph": lambda word: word.translate(HOMOGLYPHS),
    "leet": lambda word: word.translate(LEET),
    "bold letters": lambda word: "".join(chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c for c in word),
}
SINGLE_WORDS = [word for word in LATIN if " " not in word] + CHINESE


@pytest.mark.parametrize("word", SINGLE_WORDS)
@pytest.mark.parametrize("evasion", EVASIONS)
def test_a_hidden_word_is_found(evasion, word):
    hidden = EVASIONS[evasion](word)

    hits = MATCHER.hits(f"a photo of {hidden}, in the park")

    assert word in {hit.word for hit in hits}, hidden


@pytest.mark.parametrize("gap", ["  ", "-", "_", "\n", ", "])
def test_a_phrase_is_found_whatever_stands_between_its_words(gap):
    assert MATCHER.hits(f"a naked{gap}woman")


@pytest.mark.parametrize("text", ["nakedwoman", "n a k e d w o m a n", "n a k e d  w o m a n", "n4ked w0man"])
def test_a_phrase_is_found_without_its_space(text):
    assert MATCHER.hits(text)


@pytest.mark.parametrize("text", ["(sex:1.2)", "porn4k", "2porn", "画porn图", "a s e x scene", "s3x!", "<b>sex</b>"])
def test_a_word_is_found_beside_signs_digits_and_chinese(text):
    assert MATCHER.hits(text)


INNOCENT = """
Scunthorpe|a class in Sussex|the therapist|assassin|peacock and cockatoo|analysis|Essex|cumulus clouds|titanic|grass
canal|a cassette|documents|circumstance|title|c l a s s|Middlesex|1girl, 8k, score_9|(bass:1.3)|in the 1990s|bassoon
compass|红色，情人节|景色 情绪|角色、情感|a x b, y x z|pussy willow|cocktail|scumbag|A B C D
constitution|number 455, route 717
"""


@pytest.mark.parametrize("text", INNOCENT.strip().replace("\n", "|").split("|"))
def test_an_innocent_text_stays_clean(text):
    assert MATCHER.hits(text) == []


def test_an_allowed_phrase_excuses_only_the_word_inside_it():
    hits = MATCHER.hits("a pussy willow and a pussy")

    assert [(hit.start, hit.end) for hit in hits] == [(21, 26)]


def test_a_hit_points_into_the_text_as_it_was_typed():
    text = "so ｐ\u200bо r\u0301n"  # two tokens: no hit
    assert MATCHER.hits(text) == []
    text = "so ｐ\u200b\u043er\u0301n!"

    (hit,) = MATCHER.hits(text)

    assert text[hit.start : hit.end] == "ｐ\u200b\u043er\u0301n"


@given(st.text(max_size=200))
def test_no_text_breaks_the_matcher(text):
    for hit in MATCHER.hits(text):
        assert 0 <= hit.start < hit.end <= len(text)


@given(st.text(max_size=200))
def test_every_position_lies_in_the_text_and_none_goes_back(text):
    plain, positions = normalise(text)

    assert len(plain) == len(positions)
    for reading in readings(text):
        assert len(reading.text) == len(reading.positions)
        assert reading.positions == sorted(reading.positions)
        assert all(0 <= position < len(text) for position in reading.positions)


@given(st.text(max_size=80), st.sampled_from(LATIN + CHINESE), st.text(max_size=80))
def test_a_plain_word_between_spaces_is_always_found(before, word, after):
    hits = MATCHER.hits(f"{before}  ,  {word}  ,  {after}")

    assert any(hit.word == word for hit in hits)
