"""Reading weights, filling chunks, counting: plain Python."""

import string
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.engine.prompts import BREAK, chunks, counter, parse
from generation.engine.prompts.parsing import MOST_WEIGHT

from .conftest import STARTER

UP, DOWN = 1.1, 1 / 1.1


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", [("", 1.0)]),
        ("a red apple", [("a red apple", 1.0)]),
        ("a (red) apple", [("a ", 1.0), ("red", UP), (" apple", 1.0)]),
        ("((red))", [("red", UP * UP)]),
        ("[red]", [("red", DOWN)]),
        ("(red:1.3)", [("red", 1.3)]),
        ("(red : 1.3 )", [("red ", 1.3)]),
        ("(red:.5)", [("red", 0.5)]),
        ("(a (b:2):1.5)", [("a ", 1.5), ("b", 3.0)]),
        ("(a [b])", [("a ", UP), ("b", UP * DOWN)]),
        (r"mario \(game\)", [("mario (game)", 1.0)]),
        (r"\[a\] \\ b\c", [("[a] \\ b\\c", 1.0)]),
        (r"(mario \(game\):1.2)", [("mario (game)", 1.2)]),
        ("a :( b", [("a :( b", 1.0)]),
        ("a) b]", [("a) b]", 1.0)]),
        ("((a)", [("(", 1.0), ("a", UP)]),
        ("(a:x)", [("a:x", UP)]),
        ("a:1.3)", [("a:1.3)", 1.0)]),
        ("(a:-1)", [("a", -1.0)]),
        ("(a:999)", [("a", MOST_WEIGHT)]),
        ("a BREAK b", [("a", 1.0), BREAK, ("b", 1.0)]),
        ("(a BREAK b:1.2)", [("a", 1.2), BREAK, ("b", 1.2)]),
        ("BREAKFAST, a breAK", [("BREAKFAST, a breAK", 1.0)]),
        ("()", [("", 1.0)]),
    ],
)
def test_weights_are_read_as_people_write_them(text, pieces):
    read = parse(text)

    assert [words for words, _ in read] == [words for words, _ in pieces]
    assert [weight for _, weight in read] == pytest.approx([weight for _, weight in pieces])


@given(st.text(alphabet=string.ascii_lowercase + "()[]:\\ .,1猫B", max_size=200) | st.text(max_size=200))
def test_no_text_is_refused_or_loses_a_letter(text):
    pieces = parse(text)

    kept = "".join(words for words, _ in pieces if (words, _) is not BREAK)
    assert all(abs(weight) <= MOST_WEIGHT for _, weight in pieces)
    assert letters(kept) == letters(text.replace("BREAK", "")) or "BREAK" in text


def letters(text):
    return [letter for letter in text if letter.isalpha()]


@given(st.text(max_size=200).filter(lambda text: not set(text) & set("()[]\\") and "BREAK" not in text))
def test_words_without_syntax_stay_as_they_are(text):
    assert parse(text) == [(text, 1.0)]


@given(st.text(max_size=100))
def test_escaped_words_are_read_back(text):
    escaped = "".join("\\" + letter if letter in "()[]\\" else letter for letter in text)

    if "BREAK" not in text:
        assert parse(escaped) == [(text, 1.0)]


def test_breaks_cannot_be_counterfeited():
    assert BREAK not in [piece for piece in parse("(BR[EAK]:-1)") if piece is BREAK]
    assert chunks.fill([([1], 1.0), BREAK, BREAK, ([2], 1.0), BREAK], chunks.window_of(77), 0) == [
        chunks.Chunk([1], [1.0]),
        chunks.Chunk([2], [1.0]),
    ]


def words(numbers):
    return [([number], 1.0) for number in numbers]


def test_a_full_chunk_ends_at_its_last_comma_when_that_is_near():
    comma, window = 0, chunks.window_of(77)
    near = [*range(1, 66), comma, *range(66, 90)]
    far = [*range(1, 11), comma, *range(11, 90)]

    assert [len(chunk.ids) for chunk in chunks.fill(words(near), window, comma)] == [66, 24]
    assert [len(chunk.ids) for chunk in chunks.fill(words(far), window, comma)] == [75, 15]


@given(st.lists(st.integers(0, 3), max_size=3000))
def test_chunks_keep_every_token_up_to_the_limit(ids):
    window = chunks.window_of(77)

    filled = chunks.fill(words(ids), window, comma=0)

    assert 1 <= len(filled) <= window.most_chunks
    assert all(len(chunk.ids) == len(chunk.weights) <= window.capacity for chunk in filled)
    read = [number for chunk in filled for number in chunk.ids]
    assert read == ids[: len(read)]
    assert len(read) == len(ids) or len(filled) == window.most_chunks


def test_the_vectors_of_an_embedding_stay_together():
    units = [*words(range(1, 74)), ([90, 91, 92], 1.2)]

    first, second = chunks.fill(units, chunks.window_of(77), comma=0)

    assert len(first.ids) == 73
    assert (second.ids, second.weights) == ([90, 91, 92], [1.2, 1.2, 1.2])


def test_the_starters_words_never_run_over_its_sketch():
    from generation.training.tokenizer import LENGTH, TEXT_TOKENS

    window = chunks.window_of(LENGTH)
    filled = chunks.fill([*words(range(1, 20)), BREAK, *words(range(1, 50))], window, comma=0)

    assert window.text_positions == TEXT_TOKENS
    assert [len(chunk.ids) for chunk in filled] == [TEXT_TOKENS - chunks.MARKERS]


@given(st.text(max_size=60))
def test_the_counter_counts_as_the_models_tokenizer_does(clip, text):
    plain = text.replace("BREAK", "")
    bare = "".join(words for words, _ in parse(plain))

    if len(parse(plain)) == 1:
        assert counter.count(plain)[0] == len(clip(bare, add_special_tokens=False).input_ids)


@pytest.fixture(scope="module")
def clip():
    from generation.engine.vocabulary import clip_tokenizer

    return clip_tokenizer()


def test_syntax_is_not_counted():
    assert counter.count("a (red:1.3) [apple] BREAK (on a table)") == counter.count("a red apple on a table")
    assert counter.count("a red apple") == (3, 75)


def test_the_starters_window_is_told():
    assert counter.count("一个(红色:1.4)的苹果", STARTER / "starter-3d" / "tokenizer") == (2, 22)


def test_a_folder_with_vocabulary_and_merges_is_read(tmp_path):
    import json

    from generation.engine.vocabulary import clip_vocabulary

    vocabulary, merges = clip_vocabulary()
    (tmp_path / "vocab.json").write_text(json.dumps(vocabulary))
    (tmp_path / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(pair) for pair in merges))
    (tmp_path / "tokenizer_config.json").write_text('{"model_max_length": 66}')

    assert counter.count("a red apple, 猫", tmp_path) == (counter.count("a red apple, 猫")[0], 64)


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"model": 3}'])
def test_a_strange_folder_is_counted_by_clips_vocabulary(tmp_path, content):
    (tmp_path / "tokenizer.json").write_text(content)

    assert counter.count("a red apple", tmp_path / "absent") == (3, 75)
    assert counter.count("a red apple", tmp_path) == (3, 75)


def test_counting_imports_neither_torch_nor_transformers():
    code = (
        "import sys; from generation.engine.prompts import parse, counter; counter.count('a (red) apple');"
        "sys.exit(bool({'torch', 'transformers', 'diffusers', 'numpy'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
