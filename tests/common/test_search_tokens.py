"""How texts are cut into tokens; tests/hub/test_search.py finds with them."""

import pytest

from visionary.common.search import tokens


def test_chinese_is_found_by_characters_and_neighbours():
    assert tokens.for_index("水墨画").split() == [f"c0{code}" for code in ("06c34", "058a8", "0753b")] + [
        "c006c34058a8",
        "c0058a80753b",
    ]
    assert tokens.for_query("水墨").wanted == ("c006c34058a8",)
    assert tokens.for_query("水").wanted == ("c006c34",)


@pytest.mark.parametrize("text", ["ＷＡＴＥＲ", "Wáter", "water", "WATER!"])
def test_width_case_and_accents_make_no_difference(text):
    assert tokens.for_index(text) == "w0water"


@pytest.mark.parametrize(
    "text", ["привет", "naïve-art v1.5", "水墨 & 山水", "emoji 😀", "a" * 300, '") OR "1"', "x' --"]
)
def test_tokens_are_ascii_letters_and_digits_that_no_database_drops(text):
    for token in tokens.for_index(text).split():
        assert token.isascii()
        assert token.isalnum()
        assert 3 <= len(token) <= 84


def test_a_minus_asks_for_absence_and_only_the_last_latin_word_may_go_on():
    query = tokens.for_query("ink wash -anime")

    assert (query.wanted, query.unwanted, query.is_open) == (("w0ink", "w0wash"), ("w0anime",), False)
    assert tokens.for_query("ink wa").is_open
    assert not tokens.for_query("ink 水墨").is_open
    assert not tokens.for_query("-")
