"""Styles and wildcards in the back office: listed, added, changed, and refused in sentences."""

import pytest

from generation.models import StyleTemplate, Wildcard

STYLES, WILDCARDS = "/admin/generation/styletemplate/", "/admin/generation/wildcard/"
STYLE = {
    "slug": "ink",
    "name": "Ink",
    "name_zh": "水墨",
    "template": "ink drawing of {prompt}",
    "negative": "",
    "position": 3,
}


@pytest.fixture
def office(client, people):
    client.force_login(people["moderator"])
    return client


@pytest.mark.parametrize("address", [STYLES, WILDCARDS, f"{STYLES}add/", f"{WILDCARDS}add/"])
@pytest.mark.parametrize("who", ["guest", "other"])
def test_they_are_the_staffs(client, people, address, who):
    if people[who]:
        client.force_login(people[who])

    assert client.get(address).status_code == 302
    assert client.post(address, STYLE).status_code == 302
    assert not StyleTemplate.objects.filter(slug="ink").exists()


def test_a_style_is_added_listed_and_changed(office):
    assert office.post(f"{STYLES}add/", STYLE | {"is_active": "on"}).status_code == 302
    style = StyleTemplate.objects.get(slug="ink")

    office.post(f"{STYLES}{style.pk}/change/", STYLE | {"name": "Ink wash"})

    style.refresh_from_db()
    assert (style.name, style.is_active) == ("Ink wash", False)
    page = office.get(STYLES, {"q": "Ink wash"}).content.decode()
    assert "Ink wash" in page
    assert "ink drawing of {prompt}" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"template": "ink drawing"}, "Write {prompt} where the user’s words go."),
        ({"template": ""}, "This field is required."),
        ({"slug": "two words"}, "Enter a valid “slug”"),
        ({"template": "{prompt}" + "x" * 600}, "at most 500 characters"),
    ],
)
def test_a_style_that_cannot_be_used_is_refused(office, wrong, sentence):
    page = office.post(f"{STYLES}add/", STYLE | wrong).content.decode()

    assert sentence.replace("’", "&#x27;") in page
    assert not StyleTemplate.objects.filter(slug=(STYLE | wrong)["slug"]).exists()


def test_two_styles_of_one_name_in_addresses_are_refused(office):
    office.post(f"{STYLES}add/", STYLE)

    page = office.post(f"{STYLES}add/", STYLE | {"name": "Other"}).content.decode()

    assert "with this Slug already exists" in page


def test_a_list_is_added_listed_and_changed(office):
    office.post(f"{WILDCARDS}add/", {"name": "fruit-bowl", "options": "apple\npear\n\nplum"})
    wildcard = Wildcard.objects.get(name="fruit-bowl")

    office.post(f"{WILDCARDS}{wildcard.pk}/change/", {"name": "fruit-bowl", "options": "apple\nquince"})

    wildcard.refresh_from_db()
    assert wildcard.lines == ["apple", "quince"]
    page = office.get(WILDCARDS, {"q": "quince"}).content.decode()
    assert "__fruit-bowl__" in page
    assert "apple, quince" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": "Fruit Bowl"}, "Use a-z, 0-9 and -."),
        ({"options": "  \n "}, "This field is required."),
        ({"options": "x" * 50_001}, "at most 50000 characters"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused(office, wrong, sentence):
    page = office.post(f"{WILDCARDS}add/", {"name": "fruit-bowl", "options": "apple"} | wrong).content.decode()

    assert sentence in page
    assert not Wildcard.objects.filter(name__iexact="fruit-bowl").exists()
