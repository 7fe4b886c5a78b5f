"""Chinese prompts for models that read English."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.prompting import chinese
from safety import services as safety


def english(text):
    return chinese.complete_to_english(text, "sd1")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("一只红色的猫坐在沙滩上，夕阳，电影感", "a red cat, sitting on beach, sunset, cinematic"),
        ("一个苹果和一条狗", "an apple and a dog"),
        ("(红色的裙子:1.3)，猫", "(red dress:1.3), cat"),
        ("猫，（高清：1.2）", "cat, (high definition:1.2)"),
        ("一隻紅色的貓", "a red cat"),
        ("masterpiece, 白色T恤", "masterpiece, white t-shirt"),
        ("樱花树", "cherry blossoms, tree"),
    ],
)
def test_the_longest_words_become_tags(typed, sent):
    assert english(typed) == sent


def test_what_is_not_in_the_dictionary_stays():
    assert english("一只貔貅") == "a 貔貅"
    assert english("新疆") == "新疆"


def test_the_starter_reads_chinese_itself():
    assert chinese.complete_to_english("红色的猫", "starter") == "红色的猫"


def test_english_is_left_alone():
    text = "a  cat ,, (red:1.2)\nBREAK x"

    assert english(text) == text


@given(st.text(st.sampled_from("红色的猫在坐新貔a1,，（）() :<>\n"), max_size=60))
def test_any_mixture_is_sent_without_losing_other_scripts(text):
    sent = english(text)

    assert [one for one in sent if one.isdigit()] == [one for one in text if one.isdigit()]
    assert not chinese.HAN.search(
        sent.replace("貔", "").replace("新", "").translate(dict.fromkeys(map(ord, "红色的猫在坐")))
    )


def test_the_dictionary_is_large_and_has_english_for_every_word():
    words = chinese.tags()

    assert len(words) > 1500
    for word, (translated, kind, initials) in words.items():
        assert bool(translated) == (kind != "drop"), word
        assert translated.isascii(), word
        assert initials.isascii(), word


@pytest.mark.django_db
def test_no_word_of_the_dictionary_is_forbidden():
    found = safety.find_words("\n".join(f"{word}\n{entry[0]}" for word, entry in chinese.tags().items()))

    assert [hit.word for hit in found] == []
