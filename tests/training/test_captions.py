import random

from generation.training.captions import DISLIKES, Item, caption


def captions(concept, item, look="3d", count=400):
    rng = random.Random(0)
    return [caption(concept, item, look, rng) for _ in range(count)]


def meaningful(texts):
    return [text for text in texts if text and text not in DISLIKES]


def test_captions_come_in_both_languages(concepts):
    texts = captions(concepts[2], Item(2, "plain"))

    assert any("rocket" in text for text in texts)
    assert any("火箭" in text for text in texts)


def test_some_captions_are_empty_for_guidance(concepts):
    texts = captions(concepts[0], Item(0, "plain"))

    assert 0.02 < texts.count("") / len(texts) < 0.15


def test_a_recoloured_picture_always_names_its_colour(concepts):
    texts = meaningful(captions(concepts[0], Item(0, "colour", "blue")))

    assert all("blue" in text or "蓝" in text for text in texts)
    assert not any("red apple" in text for text in texts)


def test_a_background_is_named_in_the_captions_language(concepts):
    for text in meaningful(captions(concepts[1], Item(1, "background", "blue"))):
        assert "blue background" in text or "蓝色背景" in text


def test_most_captions_name_no_other_look(concepts):
    texts = meaningful(captions(concepts[3], Item(3, "plain"), "flat"))

    assert sum("3d" in text.lower() for text in texts) < len(texts) * 0.1
