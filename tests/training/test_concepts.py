import pytest

from generation.training.concepts import Concept, _drop_vague_tags, _settle_names, clean, is_wanted

UNFIT = [
    "middle finger", "kitchen knife", "dagger", "bomb", "water pistol", "cigarette", "coffin", "syringe", "pill",
    "wine glass", "beer mug", "sake", "bikini", "briefs", "prayer beads", "slot machine", "pile of poo", "axe",
]  # fmt: skip


@pytest.mark.parametrize("label", UNFIT)
def test_unfit_concepts_are_left_out(label):
    assert not is_wanted(label, 7, "tool", "1F000")


@pytest.mark.parametrize("label", ["red apple", "cat", "rocket", "palm tree", "coral", "fork and knife"])
def test_everyday_things_are_kept(label):
    assert is_wanted(label, 3, "food-fruit", "1F000")


def test_flags_and_symbols_are_left_out():
    assert not is_wanted("flag: France", 9, "country-flag", "1F1EB")
    assert not is_wanted("red circle", 8, "geometric", "1F534")


def test_a_shared_name_stays_with_the_concept_that_puts_it_first():
    bowl, cone = Concept("1", "a", 4, "x", ["sundae", "ice cream"], []), Concept("2", "b", 4, "x", ["ice cream"], [])

    _settle_names([bowl, cone])

    assert (bowl.en, cone.en) == (["sundae"], ["ice cream"])


def test_tags_of_many_concepts_are_dropped():
    animals = [Concept(str(n), "", 3, "x", [f"animal {n}"], [], ["animal", f"mine{chr(97 + n)}"]) for n in range(3)]

    _drop_vague_tags(animals)

    assert [animal.en_tags for animal in animals] == [["minea"], ["mineb"], ["minec"]]


def test_names_lose_colons_and_capitals():
    assert clean("Person: Red Hair") == "person red hair"
