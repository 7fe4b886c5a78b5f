"""The parts of the generate form: kinds, sources, the mask, resources, help, quotas."""

import re

import pytest
from django.contrib.staticfiles import finders

from generation.asking import help_texts
from tests.factories import JobFactory, ModelVersionFactory

PAGE = "/generate/"


@pytest.fixture
def signed_in(client, owner, version):
    client.force_login(owner)
    return client


def body(response):
    return response.content.decode()


@pytest.mark.parametrize("kind", ["txt2img", "img2img", "inpaint", "outpaint", "upscale"])
def test_the_address_chooses_the_kind(signed_in, kind):
    page = body(signed_in.get(PAGE, {"kind": kind}))

    assert re.findall(r'name="kind" value="(\w+)" checked', page) == [kind]


def test_an_unknown_kind_is_text_to_picture(signed_in):
    assert 'value="txt2img" checked' in body(signed_in.get(PAGE, {"kind": "magic"}))


def test_a_guest_is_asked_to_sign_in_for_sources(client, version):
    page = body(client.get(PAGE, {"kind": "inpaint"}))

    assert "to start from a picture." in page
    assert 'data-choose="mine"' not in page


@pytest.mark.parametrize("about", sorted(help_texts.STRIPS))
def test_every_strip_of_the_help_is_there(about):
    assert finders.find(help_texts.bubble(about)["picture"])


def test_every_help_bubble_of_the_page_is_its_own(signed_in):
    page = body(signed_in.get(PAGE))

    bubbles = re.findall(r'popover role="note"', page)
    ids = re.findall(r'id="(help-[a-z_]+)"', page)
    assert len(bubbles) == len(ids) == len(set(ids)) > 12
    assert set(re.findall(r'popovertarget="([^"]+)"', page)) >= set(ids)


def test_no_field_of_the_form_is_there_twice(signed_in):
    page = body(signed_in.get(PAGE))

    for name in ("steps", "width", "seed", "source", "mask", "strength", "count", "prompt"):
        assert len(re.findall(rf'<(?:input|select|textarea)[^>]*\bname="{name}"', page)) == 1, name


def test_what_a_link_adds_is_told_under_the_prompt(signed_in):
    ModelVersionFactory(card__kind="lora", card__slug="line", card__name="Line art")
    ModelVersionFactory(card__kind="controlnet", card__slug="edges", card__name="Edges")

    assert "Draws with" not in body(signed_in.get(PAGE))
    assert "Draws with Line art." in body(signed_in.get(PAGE, {"lora": "line"}))
    assert "Choose its guide picture" in body(signed_in.get(PAGE, {"control": "edges"}))


def test_a_chosen_lora_comes_as_a_card_with_its_words_and_weight(signed_in):
    ModelVersionFactory(card__kind="lora", card__slug="line", card__name="Line art", trigger_words=["line icon"])

    page = body(signed_in.get(PAGE, {"lora": "line", "lora_weight": "0.6"}))

    assert 'data-slug="line"' in page
    assert 'data-word="line icon"' in page
    assert re.search(r'name="lora_weight"[^>]*value="0.6"', page)


def test_a_misfit_is_refused_with_a_button_that_removes_it(signed_in):
    ModelVersionFactory(card__kind="lora", card__slug="large", card__family="sdxl", card__name="Large")

    response = signed_in.post(PAGE, {"prompt": "a cat", "model": "starter", "lora": "large", "lora_weight": "1"})

    assert response.status_code in {400, 422}
    assert "Large" in body(response)
    assert 'data-drop="large"' in body(response)


def test_the_bar_counts_the_jobs_under_way(signed_in, owner, version):
    JobFactory(owner=owner, version=version)
    JobFactory(owner=owner, version=version, state="done")

    assert "Jobs at once: 1 of" in body(signed_in.get("/generate/quota/"))


def test_a_picture_offers_to_start_from_it(signed_in, picture):
    page = body(signed_in.get(picture.get_absolute_url()))

    assert f"?source={picture.pk}&amp;kind=img2img" in page
    assert "kind=inpaint" in page


def test_a_picture_that_is_not_to_be_reused_offers_nothing_to_others(client, people, make_picture):
    picture = make_picture(may_be_reused=False)

    client.force_login(people["other"])
    assert f"source={picture.pk}" not in body(client.get(picture.get_absolute_url()))
    client.force_login(people["owner"])
    assert f"source={picture.pk}" in body(client.get(picture.get_absolute_url()))


def test_samplers_are_grouped_with_the_usual_ones_first(signed_in):
    page = body(signed_in.get(PAGE))

    usual, others = re.findall(r'<optgroup label="[^"]+">(.*?)</optgroup>', page, re.DOTALL)[:2]
    assert 'value="euler_a"' in usual
    assert 'value="tcd"' in others
