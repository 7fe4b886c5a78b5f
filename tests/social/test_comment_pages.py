"""Comments by htmx, without script and by the API; only where the thing may be seen."""

import pytest

from social import commenting
from social.models import Comment
from tests.factories import ModelCardFactory, PictureFactory

SWAP = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def comment(thing, ben):
    return commenting.write(thing=thing, by=ben, text="first words")


def comments(thing):
    return f"{thing.get_absolute_url()}comments/"


def test_a_picture_page_shows_its_comments_and_the_box(client, picture, ben):
    commenting.write(thing=picture, by=ben, text="first words")
    client.force_login(ben)

    page = client.get(picture.get_absolute_url()).content.decode()

    assert "first words" in page
    assert f'hx-post="{comments(picture)}"' in page


def test_writing_swaps_the_list_in(client, thing, ben):
    client.force_login(ben)

    page = client.post(comments(thing), {"text": "hello there"}, **SWAP).content.decode()

    assert "hello there" in page
    assert "<html" not in page


def test_without_script_writing_leads_to_the_comment(client, thing, ben):
    client.force_login(ben)

    response = client.post(comments(thing), {"text": "hello there"})

    assert response.url == f"{thing.get_absolute_url()}#comment-{Comment.objects.get().pk}"


def test_refused_text_stays_in_the_box(client, thing, ben):
    client.force_login(ben)

    for headers, status in ((SWAP, 200), ({}, 422)):
        response = client.post(comments(thing), {"text": "y" * 2001}, **headers)
        assert response.status_code == status
        assert "y" * 2001 in response.content.decode()
        assert 'role="alert"' in response.content.decode()


def test_a_guest_is_asked_to_sign_in(client, thing):
    assert client.post(comments(thing), {"text": "x"}).url.startswith("/accounts/login/")
    assert client.post(f"/api{comments(thing)}", {"text": "x"}).status_code in {401, 403}
    assert not Comment.objects.exists()


def test_the_author_changes_and_deletes_by_swaps(client, comment, ben):
    client.force_login(ben)
    address = f"/comments/{comment.pk}/"

    assert "<textarea" in client.get(f"{address}edit/", **SWAP).content.decode()
    assert "other words" in client.post(f"{address}edit/", {"text": "other words"}, **SWAP).content.decode()
    assert client.post(f"{address}delete/", **SWAP).content == b""
    assert not Comment.objects.exists()


def test_the_owner_hides_by_a_swap_and_still_reads_it(client, comment, anna):
    client.force_login(anna)

    page = client.post(f"/comments/{comment.pk}/hide/", **SWAP).content.decode()

    assert "first words" in page
    assert "/unhide/" in page


@pytest.mark.parametrize("deed", ["delete", "hide", "edit"])
def test_others_can_do_nothing_to_a_comment(client, comment, deed, django_user_model):
    client.force_login(django_user_model.objects.create_user("stranger"))

    client.post(f"/comments/{comment.pk}/{deed}/", {"text": "x"}, **SWAP)

    comment.refresh_from_db()
    assert (comment.text, comment.is_hidden, comment.deleted_at) == ("first words", False, None)


def test_what_one_cannot_see_one_cannot_comment(client, ben):
    client.force_login(ben)

    for thing in (PictureFactory(), ModelCardFactory(status="draft")):
        assert client.get(comments(thing)).status_code == 404
        assert client.post(comments(thing), {"text": "x"}).status_code == 404
        assert client.post(f"/api{comments(thing)}", {"text": "x"}, "application/json").status_code == 404


def test_a_comment_on_what_is_no_longer_seen_is_out_of_reach(client, comment, thing, ben):
    type(thing).objects.filter(pk=thing.pk).update(**hidden(thing))
    client.force_login(ben)

    assert client.get(f"/comments/{comment.pk}/edit/").status_code == 404
    assert client.patch(f"/api/comments/{comment.pk}/", {"text": "x"}, "application/json").status_code == 404


def hidden(thing):
    return {"visibility": "private"} if hasattr(thing, "visibility") else {"status": "withdrawn"}


@pytest.mark.parametrize("parent", ["x", "99999999", "-1", "9" * 40])
def test_an_answer_to_nothing_is_refused_with_a_sentence(client, thing, ben, parent):
    client.force_login(ben)

    page = client.post(comments(thing), {"text": "hi", "parent": parent}, **SWAP).content.decode()

    assert "The comment that you answer is gone." in page
    assert not Comment.objects.exists()


def test_programs_write_answer_change_hide_and_delete(client, thing, anna, ben):
    client.force_login(ben)
    first = client.post(f"/api{comments(thing)}", {"text": "one"}, "application/json").json()
    answer = client.post(f"/api{comments(thing)}", {"text": "two", "parent": first["id"]}, "application/json")
    assert answer.status_code == 201
    assert client.patch(f"/api/comments/{first['id']}/", {"text": "uno"}, "application/json").json()["text"] == "uno"

    listed = client.get(f"/api{comments(thing)}").json()["results"]
    assert [(row["text"], row["author"], row["parent"]) for row in listed] == [
        ("two", "ben", first["id"]),
        ("uno", "ben", None),
    ]

    client.force_login(anna)
    assert client.post(f"/api/comments/{first['id']}/hide/").json()["is_hidden"]
    assert client.delete(f"/api/comments/{first['id']}/").status_code == 403
    client.force_login(ben)
    assert client.delete(f"/api/comments/{answer.json()['id']}/").status_code == 204


@pytest.mark.parametrize("kind", [{}, SWAP])
def test_a_hidden_comment_is_not_shown_to_who_tries_to_edit_it(client, comment, thing, django_user_model, kind):
    commentator = comment.author
    commenting.hide(comment=comment, by=thing.owner)
    stranger = django_user_model.objects.create_user("stranger")
    client.force_login(stranger)

    page = client.post(f"/comments/{comment.pk}/edit/", **kind).content.decode()

    assert commentator != stranger
    assert "first words" not in page
