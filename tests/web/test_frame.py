"""What holds for every page: no inline script, both languages, one frame, a light page."""

import html
import re
from pathlib import Path

import polib
import pytest

from tests.factories import JobFactory

GUEST = [
    "/",
    "/about/",
    "/gallery/",
    "/models/",
    "/models/starter/",
    "/generate/",
    "/u/owner/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/confirm-email/unknown/",
    "/accounts/password/reset/key/1-bad/",
    "/nowhere/",
]
USER = [
    "/",
    "/generate/",
    "/creations/",
    "/creations/?show=trash",
    "/settings/profile/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/logout/",
]
# A block of JSON is data: browsers do not run it.
SCRIPT = re.compile(r'<script(?![^>]*\bsrc=)(?![^>]*type="application/json")[^>]*>(.*?)</script>', re.S)
HANDLER = re.compile(r"<[^>]+\son[a-z]+\s*=", re.I)
OUTSIDE = re.compile(r'(?:src|srcset|<link[^>]*href)="https?://', re.I)
CATALOGUE = Path(__file__).parents[2] / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


@pytest.fixture
def pages(client, owner, version, make_picture):
    """The HTML of every page by address, as a guest and as the owner, in a language."""

    def read(language):
        client.logout()
        client.cookies.load({"django_language": language})
        found = {f"guest {address}": client.get(address) for address in GUEST}
        client.force_login(owner)
        picture, job = make_picture("private"), JobFactory(owner=owner, version=version)
        extra = [picture.get_absolute_url(), make_picture().get_absolute_url(), job.get_absolute_url()]
        found |= {f"user {address}": client.get(address) for address in USER + extra}
        return {name: response.content.decode() for name, response in found.items()}

    return read


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_keeps_to_the_content_policy(pages, language):
    for name, page in pages(language).items():
        assert not [body for body in SCRIPT.findall(page) if body.strip()], name
        assert not HANDLER.search(page), name
        assert not OUTSIDE.search(page), name


def test_every_page_wears_the_frame_and_is_light(pages):
    for name, page in pages("en").items():
        assert 'class="header"' in page, name
        assert 'class="skip"' in page, name
        assert page.count("<h1") == 1, name
        assert len(page) < 200_000, name


def english_sentences():
    """Every string of the catalogue that has several words and nothing to fill in."""
    entries = polib.pofile(str(CATALOGUE))
    plain = (entry.msgid for entry in entries if "%(" not in entry.msgid and "<" not in entry.msgid)
    return {words for words in plain if " " in words.strip()}


def test_no_page_is_left_in_english(pages):
    sentences = english_sentences()
    for name, page in pages("zh-hans").items():
        text = html.unescape(page)
        assert 'lang="zh-hans"' in page, name
        assert not [sentence for sentence in sentences if sentence in text], name
        assert not re.search(r">\s*(Sign in|Gallery|Models|Generate|Delete|Publish|Steps|Seed)\s*<", text), name


def test_every_control_has_a_name(pages):
    for name, page in pages("en").items():
        for button in re.findall(r"<button([^>]*)>(.*?)</button>", page, re.S):
            words = re.sub(r"<[^>]+>", "", button[1]).strip()
            assert words or "aria-label=" in button[0] or "title=" in button[0], f"{name}: {button}"


def test_the_language_is_switched_and_leads_back(client, picture):
    response = client.post("/language/", {"language": "zh-hans", "next": "/gallery/"})

    assert response.url == "/gallery/"
    assert "画廊" in client.get("/gallery/").content.decode()


def test_the_theme_of_the_cookie_is_in_the_first_byte_of_html(client, db):
    client.cookies.load({"theme": "dark"})
    assert '<html lang="en" data-theme="dark">' in client.get("/").content.decode()

    client.cookies.load({"theme": '"><script>'})
    assert '<html lang="en">' in client.get("/").content.decode()


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "413", "429", "500"])
def test_every_error_has_a_page(name, rf):
    from django.contrib.auth.models import AnonymousUser
    from django.template.loader import render_to_string

    request = rf.get("/")
    request.user = AnonymousUser()

    page = render_to_string(f"{name}.html", {}, None if name == "500" else request)

    assert name[:3] in page
    assert page.count("<h1") == 1
