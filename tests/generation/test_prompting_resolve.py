"""What a prompt becomes: choices, wildcards, LoRA tags, styles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation import prompting
from generation.models import StyleTemplate, Wildcard
from generation.prompting import choices
from tests.factories import ModelCardFactory, ModelVersionFactory
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db
LISTS = {"loop": ["again __loop__"], "colour": ["red", "blue"], "wide": ["{__wide__|__wide__} __wide__ __wide__"]}


def drawn(text, seed=1, **more):
    return prompting.resolve(text, seed=seed, **more).text


def deal(text, seed=1):
    return choices.Dealer(seed, lambda name: LISTS[name]).expand(text)


def test_plain_words_stay_as_they_are_and_nothing_is_recorded():
    resolved = prompting.resolve("a (red:1.2) {apple}, 50% | done", seed=1)

    assert (resolved.text, resolved.asked) == ("a (red:1.2) {apple}, 50% | done", "")


def test_a_choice_takes_one_option_and_records_what_was_typed():
    resolved = prompting.resolve("a {red|blue} apple", seed=1)

    assert resolved.text in {"a red apple", "a blue apple"}
    assert resolved.asked == "a {red|blue} apple"


def test_the_same_seed_draws_the_same_and_others_differ():
    text = "__animal__ with {a|b|c|d}"

    assert drawn(text, seed=5) == drawn(text, seed=5)
    assert len({drawn(text, seed=seed) for seed in range(20)}) > 5


def test_nested_choices_are_drawn_within_the_chosen_one():
    assert {deal("{a {x|y}|b}", seed) for seed in range(40)} == {"a x", "a y", "b"}


def test_weights_say_how_often():
    often = [deal("{9::red|1::blue|0::green}", seed) for seed in range(200)]

    assert often.count("red") > 3 * often.count("blue") > 0
    assert "green" not in often


def test_a_backslash_makes_a_brace_an_ordinary_character():
    assert deal(r"\{a\|b\}") == "{a|b}"


def test_a_list_of_the_site_is_drawn_from_and_may_hold_choices():
    Wildcard.objects.create(name="pet", options="{black|white} cat\n__pet-name__")
    Wildcard.objects.create(name="pet-name", options="Momo")

    assert {drawn("__pet__", seed) for seed in range(30)} == {"black cat", "white cat", "Momo"}


@pytest.mark.parametrize(("text", "field"), [("a __nothing__", "prompt"), ("{__nothing__|__nothing__}", "prompt")])
def test_an_unknown_list_is_named(text, field):
    with pytest.raises(DomainError, match=r"Prompt: .*__nothing__.*__animal__") as refusal:
        drawn(text)

    assert refusal.value.field == field


def test_an_unknown_list_in_the_negative_prompt_names_that_field():
    with pytest.raises(DomainError, match="Negative prompt") as refusal:
        prompting.resolve("a cat", negative="__nothing__", seed=1)

    assert refusal.value.field == "negative_prompt"


def test_a_list_that_names_itself_is_refused():
    Wildcard.objects.create(name="loop", options="__loop__ again")

    with pytest.raises(DomainError, match="nested"):
        drawn("__loop__")


def test_a_list_that_multiplies_is_refused():
    with pytest.raises((choices.TooMuch, choices.TooDeep)):
        deal("__wide__ " * 30)


def test_two_thousand_braces_are_no_trouble():
    assert deal("{" * 2000) == "{" * 2000
    with pytest.raises(choices.TooDeep):
        deal("{" * 60 + "a" + "|0::b}" * 60)


@given(st.text("{}|_\\:2a1.,<>loraco ur()[]", max_size=200), st.integers(0, 9))
def test_any_text_ends_in_a_text_or_a_refusal(text, seed):
    try:
        first = deal(text.replace("__", "_"), seed)
    except (choices.TooDeep, choices.TooMuch):
        return

    assert len(first) <= len(text)
    assert first == deal(text.replace("__", "_"), seed)


def lora(**card):
    return ModelVersionFactory(card=ModelCardFactory(kind="lora", **card))


def test_a_lora_tag_is_taken_out_of_the_words():
    version = lora(slug="line", name="Line drawings")

    resolved = prompting.resolve("a cat, <lora:line:0.8>, red", seed=1)

    assert resolved.text == "a cat, red"
    assert resolved.loras == ((version, 0.8),)
    assert resolved.asked == "a cat, <lora:line:0.8>, red"


def test_a_lora_is_found_by_its_names_whatever_their_case():
    version = lora(slug="line", name="Line drawings", name_zh="线条")

    for name in ("LINE", "line Drawings", "线条"):
        assert prompting.resolve(f"a cat <lora:{name}>", seed=1).loras == ((version, 1.0),)


def test_the_newest_version_of_the_lora_that_fits_is_meant():
    card = ModelCardFactory(kind="lora", slug="one", name="Ink", family="sd1")
    ModelVersionFactory(card=card)
    newest = ModelVersionFactory(card=card)
    lora(slug="two", name="Ink", family="sdxl")

    assert prompting.resolve("<lora:ink> a cat", seed=1, family="sd1").loras[0][0] == newest


@pytest.mark.parametrize("weight", ["much", "9", "nan", "1e999", "0.5:0.5"])
def test_a_weight_that_cannot_be_is_refused_with_the_name(weight):
    lora(slug="line")

    with pytest.raises(DomainError, match="“line”"):
        drawn(f"a cat <lora:line:{weight}>")


@pytest.mark.parametrize("status", [None, "draft", "withdrawn"])
def test_a_lora_that_is_not_there_is_named(status):
    if status:
        lora(slug="ghost", status=status)

    with pytest.raises(DomainError, match="“ghost”") as refusal:
        drawn("a cat <lora:ghost:1>")

    assert refusal.value.field == "prompt"


def test_a_lora_tag_cannot_stand_in_the_negative_prompt():
    with pytest.raises(DomainError, match="Negative prompt"):
        prompting.resolve("a cat", negative="<lora:x:1>", seed=1)


def test_loras_of_rows_and_tags_come_together_and_a_rows_weight_counts():
    first, second = lora(slug="first"), lora(slug="second")

    resolved = prompting.resolve("<lora:first:0.5> <lora:second:0.5> cat", seed=1)

    assert dict(resolved.with_loras([(first, 1.5)])) == {first: 1.5, second: 0.5}


def test_a_style_stands_around_the_words_and_adds_to_the_negative_prompt():
    style = StyleTemplate(template="photo of {prompt}, {soft|soft} light", negative="drawing")

    resolved = prompting.resolve("a cat", negative="blurry", seed=1, styles=[style])

    assert (resolved.text, resolved.negative) == ("photo of a cat, soft light", "blurry, drawing")
    assert resolved.asked == "a cat"


def test_a_style_without_a_place_comes_after_the_words():
    assert drawn("a cat", styles=[StyleTemplate(template="oil painting")]) == "a cat, oil painting"


def test_the_words_do_not_meddle_with_the_style():
    style = StyleTemplate(template="{photo of {prompt}|photo of {prompt}}")

    assert drawn("a {prompt}, {x", styles=[style]) == "photo of a {prompt}, {x"


def test_every_bundled_style_and_list_is_there_and_can_be_drawn():
    styles = StyleTemplate.objects.filter(is_active=True)

    assert len(styles) >= 12
    assert all("{prompt}" in style.template and style.name_zh for style in styles)
    for wildcard in Wildcard.objects.all():
        assert drawn(f"__{wildcard.name}__") in wildcard.lines
