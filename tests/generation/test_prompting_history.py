"""The prompts that a user has used, and how a submit keeps them."""

import pytest

from generation import services
from generation.models import SavedPrompt, StyleTemplate
from generation.prompting import history
from safety.models import Word
from tests.factories import ModelVersionFactory, UserFactory
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory()


def submit(user, prompt, family="starter", **asked):
    version = ModelVersionFactory(card__family=family)
    return services.submit_job(owner=user, version=version, prompt=prompt, seed=3, **asked)


def test_a_job_is_drawn_with_the_resolved_words_and_remembers_the_typed_ones(user):
    job = submit(user, "a __colour__ cat")

    assert "__" not in job.prompt
    assert job.prompt_asked == "a __colour__ cat"


def test_plain_words_are_not_kept_twice(user):
    job = submit(user, "a red cat")

    assert (job.prompt, job.prompt_asked) == ("a red cat", "")


def test_styles_are_put_around_the_words(user):
    job = submit(user, "a cat", styles=[StyleTemplate.objects.get(slug="photo")])

    assert job.prompt.startswith("photo of a cat")
    assert "blurry" in job.negative_prompt
    assert job.prompt_asked == "a cat"


def test_an_english_model_gets_english_words(user):
    job = submit(user, "红色的猫，夕阳", family="sd1")

    assert (job.prompt, job.prompt_asked) == ("red cat, sunset", "红色的猫，夕阳")


@pytest.mark.parametrize("typed", ["a {nude|cat} woman", "a {n|}{ude|} __secret__", "__secret__"])
def test_the_word_list_sees_what_was_typed_and_what_became_of_it(user, typed):
    from generation.models import Wildcard

    Wildcard.objects.create(name="secret", options="nude")

    with pytest.raises(DomainError, match="does not allow"):
        submit(user, typed)

    assert not user.jobs.exists()
    assert not SavedPrompt.objects.exists()


def test_a_word_made_of_chinese_is_seen_in_english_too(user):
    Word.objects.create(text="sunset", category="other")

    with pytest.raises(DomainError, match="does not allow"):
        submit(user, "夕阳", family="sd1")


def test_a_submit_keeps_the_prompt_as_it_was_typed_once_for_each_wording(user):
    submit(user, "a {red|blue} cat", negative_prompt="fog")
    submit(user, "a {red|blue} cat", negative_prompt="fog")
    submit(user, "a dog")

    rows = list(history.of(user).values_list("text", "negative", "uses"))
    assert rows == [("a dog", "", 1), ("a {red|blue} cat", "fog", 2)]


def test_jobs_of_a_grid_are_not_kept_one_by_one(user):
    submit(user, "a cat", is_bulk=True)

    assert not history.of(user).exists()


def test_using_a_prompt_again_brings_it_to_the_front(user):
    for text in ("first", "second", "first"):
        history.record(owner=user, text=text)

    assert [row.text for row in history.of(user)] == ["first", "second"]


def test_the_oldest_are_forgotten_but_the_starred_stay(user, monkeypatch):
    monkeypatch.setattr(history, "MOST_KEPT", 3)
    monkeypatch.setattr(history, "SLACK", 0)
    history.star(history.record(owner=user, text="dear"), True)

    for number in range(6):
        history.record(owner=user, text=f"prompt {number}")

    assert {row.text for row in history.of(user)} == {"dear", "prompt 3", "prompt 4", "prompt 5"}


def test_clearing_keeps_the_starred_and_everybody_elses(user):
    history.star(history.record(owner=user, text="dear"), True)
    history.record(owner=user, text="plain")
    history.record(owner=UserFactory(), text="not yours")

    assert history.clear(user) == 1
    assert set(SavedPrompt.objects.values_list("text", flat=True)) == {"dear", "not yours"}


def test_words_are_looked_for_in_both_texts(user):
    history.record(owner=user, text="a red cat", negative="fog")
    history.record(owner=user, text="a blue cat")

    assert [row.text for row in history.of(user, "cat red")] == ["a red cat"]
    assert [row.text for row in history.of(user, "FOG")] == ["a red cat"]
    assert not history.of(user, "\x00nothing").exists()
