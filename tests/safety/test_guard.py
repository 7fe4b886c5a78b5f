"""What the prompt guard refuses, and how soon it knows of an edit."""

import pytest
from django.utils import timezone, translation

from safety import services
from safety.models import PromptGuard, Word
from safety.seed import load_seed_words, seed_words
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _words():
    Word.objects.all().delete()
    Word.objects.create(text="flarn", category=Word.Category.VIOLENCE)
    Word.objects.create(text="zorble", category=Word.Category.MINORS)


def test_a_refusal_names_the_field_and_the_category():
    with pytest.raises(DomainError) as caught:
        services.check_prompt("a F L A R N", field="prompt")

    assert caught.value.code == "forbidden_words"
    assert caught.value.field == "prompt"
    assert "The prompt" in str(caught.value)
    assert "violence and gore" in str(caught.value)
    assert "flarn" not in str(caught.value)


def test_a_negative_prompt_may_name_what_the_picture_must_not_show():
    services.check_prompt("flarn", field="negative_prompt")


def test_a_negative_prompt_may_not_name_the_hardest_things():
    with pytest.raises(DomainError) as caught:
        services.check_prompt("zorble", field="negative_prompt")

    assert caught.value.field == "negative_prompt"


def test_an_edit_holds_at_the_next_check():
    services.check_prompt("blick")
    word = Word.objects.create(text="blick")
    assert services.find_words("blick")

    word.text = "quux"
    word.save()
    assert not services.find_words("blick")
    assert services.find_words("quux")

    Word.objects.update(is_active=False, updated_at=timezone.now())
    assert not services.find_words("quux flarn")


def test_an_unchanged_list_is_compiled_once():
    services.check_prompt("a")
    first = services.matcher()

    assert services.matcher() is first


def test_the_check_costs_one_small_query(django_assert_num_queries):
    services.check_prompt("a")

    with django_assert_num_queries(1):
        services.check_prompt("a red apple")


def test_the_guard_is_empty_until_an_administrator_sets_it():
    assert services.guard() == ("", "")

    PromptGuard.objects.create(pk=1, prefix="safe,", negative_prefix="nude, gore")

    assert services.guard() == ("safe,", "nude, gore")


def test_loading_the_seed_twice_adds_nothing_and_keeps_edits():
    load_seed_words(Word)
    Word.objects.filter(text="porn").update(is_active=False)

    assert load_seed_words(Word) == 0
    assert not Word.objects.get(text="porn").is_active


def test_the_seed_knows_no_single_characters_and_only_known_categories():
    words = seed_words()

    assert min(map(len, words)) > 1
    assert set(words.values()) <= set(Word.Category.values)


ORDINARY = """
a red apple on a wooden table|a cat wearing a hat, watercolour|a knight fighting a dragon, blood moon|a chink of light
Scunthorpe cathedral at dawn|gothic lolita dress, lace|a swan on a lake, masterpiece, 8k, score_9|a maine coon kitten
portrait of an old man, chiaroscuro|nude lipstick on a vanity|a rooster at sunrise|spic and span kitchen|a great tit
一个红色的苹果，水彩|红色情侣装|叫做爱丽丝的女孩|异性交往的插画|黑色情绪板|一只戴帽子的猫|当做爱好|景色情调
"""


@pytest.mark.parametrize("prompt", ORDINARY.strip().replace("\n", "|").split("|"))
def test_the_seed_lets_ordinary_prompts_pass(prompt):
    load_seed_words(Word)

    services.check_prompt(prompt)


def test_the_refusal_speaks_the_language_of_the_reader():
    with translation.override("zh-hans"), pytest.raises(DomainError) as caught:
        services.check_prompt("flarn")

    assert any("\u4e00" <= character <= "\u9fff" for character in str(caught.value))
