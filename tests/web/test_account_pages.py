"""Register, sign in, profile: forms that keep what was typed and lead on to where one was going."""

import re

import pytest

from accounts.models import User
from tests.factories import PASSWORD, UserFactory

NEW = {"username": "newcomer", "email": "new@example.org", "password1": PASSWORD}


def test_registering_leads_on_to_next(client, db):
    response = client.post("/accounts/signup/", NEW | {"next": "/generate/?prompt=a+cat"})

    assert response.url == "/generate/?prompt=a+cat"
    assert User.objects.get().profile


def test_a_refused_registration_keeps_what_was_typed_and_where_one_was_going(client, db):
    UserFactory(username="Newcomer")

    response = client.post("/accounts/signup/", NEW | {"next": "/generate/?prompt=a+cat"})

    page = response.content.decode()
    assert 'value="newcomer"' in page
    assert 'value="new@example.org"' in page
    assert 'value="/generate/?prompt=a+cat"' in page
    assert "This username is taken" in page


@pytest.mark.parametrize("username", [".", "..", "....", "a b", "<b>", "x" * 31])
def test_a_name_that_could_not_stand_in_an_address_is_refused(client, db, username):
    client.post("/accounts/signup/", NEW | {"username": username})

    assert not User.objects.exists()


def test_a_wrong_password_keeps_the_name(client, db):
    UserFactory(username="anna")

    page = client.post("/accounts/login/", {"login": "anna", "password": "wrong"}).content.decode()

    assert 'value="anna"' in page
    assert 'role="alert"' in page


@pytest.mark.parametrize("login", ["anna", "anna@example.org"])
def test_one_signs_in_by_name_or_address(client, db, login):
    UserFactory(username="anna", email="anna@example.org")

    response = client.post("/accounts/login/", {"login": login, "password": PASSWORD, "next": "/creations/"})

    assert response.url == "/creations/"


def test_a_forgotten_password_is_reset_by_mail(client, db, mailoutbox):
    UserFactory(username="anna", email="anna@example.org")
    client.post("/accounts/password/reset/", {"email": "anna@example.org"})
    link = next(word for word in mailoutbox[0].body.split() if "/password/reset/key/" in word)

    form = client.get(link, follow=True)
    done = client.post(form.request["PATH_INFO"], {"password1": "a-brand-new-horse", "password2": "a-brand-new-horse"})

    assert done.status_code == 302
    assert User.objects.get().check_password("a-brand-new-horse")


@pytest.mark.parametrize(("language", "name"), [("en", "Visionary Art"), ("zh-hans", "智绘")])
def test_letters_come_from_the_site_by_its_name(client, db, mailoutbox, language, name):
    UserFactory(email="anna@example.org")

    client.post("/accounts/password/reset/", {"email": "anna@example.org"}, headers={"Accept-Language": language})

    assert mailoutbox[0].subject.startswith(f"[{name}] ")
    assert name in mailoutbox[0].body.splitlines()[0]
    assert "testserver" not in mailoutbox[0].subject + mailoutbox[0].body.splitlines()[0]


@pytest.mark.parametrize("address", ["email", "password/change", "login", "signup"])
def test_chinese_pages_have_one_word_for_an_email_address(client, owner, address):
    if address in {"email", "password/change"}:
        client.force_login(owner)

    page = client.get(f"/accounts/{address}/", headers={"Accept-Language": "zh-hans"}).content.decode()

    assert 'lang="zh' in page
    assert not re.search(r"\bE-?mail\b|电子邮件", page)


def test_the_profile_is_edited_and_shown(client, owner):
    client.force_login(owner)

    client.post("/settings/profile/", {"bio": "I draw <b>foxes</b>.", "website": "https://example.org"})

    page = client.get("/u/owner/").content.decode()
    assert "I draw &lt;b&gt;foxes&lt;/b&gt;." in page
    assert 'rel="nofollow noopener ugc"' in page


@pytest.mark.parametrize(("field", "value"), [("website", "javascript:alert(1)"), ("bio", "x" * 501)])
def test_a_refused_profile_keeps_what_was_typed(client, owner, field, value):
    client.force_login(owner)

    response = client.post("/settings/profile/", {"bio": "hello", "website": "", field: value})

    assert response.status_code == 422
    assert value in response.content.decode()


def test_a_profile_counts_published_pictures_and_their_likes(client, make_picture):
    make_picture(likes=2), make_picture(likes=1), make_picture("private", likes=7)

    page = client.get("/u/OWNER/", follow=True).content.decode()

    assert "<strong>2</strong> pictures" in page
    assert "<strong>3</strong> likes received" in page
