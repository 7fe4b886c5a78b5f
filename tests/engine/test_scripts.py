"""Words that change from step to step, and prompts joined by AND: plain Python."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.engine.errors import InvalidSpec
from generation.engine.limits import MOST_JOINED
from generation.engine.prompts import counter, is_plain, parse, script, split
from generation.engine.prompts.editing import readings, variants

from .conftest import STARTER


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a [b:c:0.5] d", ["a b d", "a b d", "a c d", "a c d"]),
        ("[b:c:1]", ["b", "c", "c", "c"]),
        ("[b:c: 3 ]", ["b", "b", "b", "c"]),
        ("[b:.5]", ["", "", "b", "b"]),
        ("[b::2]", ["b", "b", "", ""]),
        ("[b:c:0]", ["c", "c", "c", "c"]),
        ("[b:c:1.0]", ["b", "b", "b", "b"]),
        ("[b:c:-1]", ["c", "c", "c", "c"]),
        ("[b:c:0.3]", ["b", "c", "c", "c"]),
        ("[b|c]", ["b", "c", "b", "c"]),
        ("[b||c] d", ["b d", " d", "c d", "b d"]),
        ("[[b|c]:d:2]", ["b", "c", "d", "d"]),
        ("[a:[b:c:3]:1]", ["a", "b", "b", "c"]),
        ("[[a:b:1]|c]", ["a", "c", "b", "c"]),
        ("([a:b:0.5]:1.2)", ["(a:1.2)", "(a:1.2)", "(b:1.2)", "(b:1.2)"]),
        ("[(a:1.3):b:0.5]", ["(a:1.3)", "(a:1.3)", "b", "b"]),
        ("[a (b|c) d|e]", ["a (b|c) d", "e", "a (b|c) d", "e"]),
    ],
)
def test_words_change_at_the_step_that_people_write(text, read):
    assert list(readings(text, 4)) == read


@pytest.mark.parametrize(
    "text",
    ["[word]", "[[word]]", "[a:b]", "[a:b:c]", "[a:b:c:0.5]", "{a|b}", "[{a|b}]", "[(a:0.5)]", "a|b", "(a:0.5)",
     r"\[a:b:0.5\]", r"\[a|b]", "[a:b:0.5", "a:b:0.5]", "[http://x]", "[]", "[a: b]", "__colour__ [dim]"],
)  # fmt: skip
def test_what_is_no_change_stays_as_it_was(text):
    assert readings(text, 4) == (text,) * 4


def test_a_bracket_of_less_weight_is_read_as_before():
    assert parse(readings("a [dim:x] lamp", 3)[0]) == parse("a [dim:x] lamp")


@given(st.text(alphabet=string.ascii_lowercase + "()[]{}:|\\ .0123猫", max_size=120), st.integers(1, 30))
def test_no_text_is_refused_and_only_brackets_change_it(text, steps):
    read = readings(text, steps)

    assert len(read) == steps
    if "[" not in text:
        assert read == (text,) * steps


@given(st.lists(st.text(string.ascii_lowercase + " ", max_size=9), min_size=2, max_size=6), st.integers(1, 20))
def test_turns_are_taken_one_a_step(options, steps):
    read = readings(f"x[{'|'.join(options)}]y", steps)

    assert read == tuple(f"x{options[step % len(options)]}y" for step in range(steps))


@pytest.mark.parametrize("text", ["[" * 3000 + "]" * 3000, "[a:" * 800 + "b" + ":0.5]" * 800, "[a|" * 900 + "]" * 900])
def test_brackets_without_end_are_read_too(text):
    assert len(readings(text, 5)) == 5


@pytest.mark.parametrize(
    ("prompt", "joined"),
    [
        ("a cat", [("a cat", 1.0)]),
        ("a cat :1.2", [("a cat :1.2", 1.0)]),
        (" a  cat ", [(" a  cat ", 1.0)]),
        ("a cat AND a dog :1.2", [("a cat", 1.0), ("a dog", 1.2)]),
        ("a:-0.5 AND b\nAND c:.5", [("a", -0.5), ("b", 1.0), ("c", 0.5)]),
        ("(a:1.2) AND [b:c:0.5]", [("(a:1.2)", 1.0), ("[b:c:0.5]", 1.0)]),
        ("(BLACK AND WHITE:1.2) photo", [("(BLACK AND WHITE:1.2) photo", 1.0)]),
        ("a AND", [("a", 1.0)]),
        ("AND", [("", 1.0)]),
        ("a and b, SAND AND Andy", [("a and b, SAND", 1.0), ("Andy", 1.0)]),
        (":( AND b", [(":(", 1.0), ("b", 1.0)]),
    ],
)
def test_prompts_are_joined_by_and_with_their_weights(prompt, joined):
    assert split(prompt) == joined


def test_a_script_tells_each_step_its_prompts_and_the_negative_one():
    asked = script("[a:b:1] AND c :2", "[n::1]", 3)

    assert [reading.parts for reading in asked] == [(("a", 1.0), ("c", 2.0)), *[(("b", 1.0), ("c", 2.0))] * 2]
    assert [reading.negative for reading in asked] == ["n", "", ""]
    assert is_plain(script("a (b:1.2) [c]", "n", 3))
    assert not is_plain(asked)


def test_more_joined_prompts_than_can_be_drawn_are_refused(small, vary):
    assert vary(small, prompt=" AND ".join("abcdefgh"))
    with pytest.raises(InvalidSpec, match=f"at most {MOST_JOINED} prompts"):
        vary(small, prompt=" AND ".join("abcdefghi"))


def test_the_counter_tells_the_longest_that_is_read_at_once():
    assert counter.count("a [red:very dark green:0.5] apple")[0] == 5
    assert counter.count("a [red|blue] apple AND two big yellow pears :1.2")[0] == 4
    assert counter.count("a [red] apple")[0] == 3
    assert counter.count("一个[红色:绿色:0.5]的苹果", STARTER / "starter-3d" / "tokenizer")[0] <= 3
    assert variants("[a:b:30] [c|d]") == ("a c", "a d", "b c", "b d")
