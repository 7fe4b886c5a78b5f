import pytest

from generation.training.tokenizer import LENGTH, encode, load_tokenizer


@pytest.mark.parametrize("text", ["red apple", "苹果", "火箭，3d图标", "a cat on a blue background"])
def test_known_words_survive_the_round_trip(place, text):
    tokenizer = load_tokenizer(place.tokenizer)

    decoded = tokenizer.decode(tokenizer(text).input_ids, skip_special_tokens=True)

    assert decoded.replace(" ", "") == text.replace(" ", "")


def test_unknown_characters_become_bytes_not_unknown_tokens(place):
    tokenizer = load_tokenizer(place.tokenizer)

    inner = tokenizer("龘☃", add_special_tokens=False).input_ids

    assert inner
    assert tokenizer.eos_token_id not in inner


def test_every_text_takes_the_same_number_of_positions(place):
    ids = encode(load_tokenizer(place.tokenizer), ["", "red apple " * 200])

    assert ids.shape == (2, LENGTH)
