"""A workplace small enough to train in within seconds: four concepts, random latents, tiny networks."""

import random

import pytest

from generation.training.concepts import Concept, save_concepts
from generation.training.places import Workplace

torch = pytest.importorskip("torch")

THINGS = [("red apple", "苹果"), ("cat", "猫"), ("rocket", "火箭"), ("snowman", "雪人")]


@pytest.fixture
def concepts():
    return [Concept(f"1F{n}", en, 3, "food-fruit", [en], [zh]) for n, (en, zh) in enumerate(THINGS)]


@pytest.fixture
def place(tmp_path, concepts):
    from generation.training.captions import corpus
    from generation.training.tokenizer import train_tokenizer

    place = Workplace(tmp_path)
    save_concepts(concepts, place.concepts)
    train_tokenizer(corpus(concepts, random.Random(0)), place.tokenizer)
    torch.manual_seed(0)
    items = [(n, "plain", None) for n in range(4)] + [(n, "background", "blue") for n in range(4)]
    torch.save({"latents": torch.randn(8, 4, 16, 16).half(), "items": items}, place.latents("3d"))
    return place
