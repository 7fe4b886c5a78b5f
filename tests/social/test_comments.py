"""Comments on pictures and models: who may write, change and hide what, and what is counted."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import OPEN_END
from safety.models import Word
from social import commenting, threads
from social.models import Comment
from tests.factories import PictureFactory, UserFactory
from tests.social.at_once import at_once
from visionary.common.exceptions import DomainError


def count(thing):
    thing.refresh_from_db(fields=["comments"])
    return thing.comments


@pytest.fixture(autouse=True)
def _patience(request, monkeypatch):
    """These people write faster than any would; one test is about just that."""
    if "flood" not in request.node.name:
        monkeypatch.setitem(commenting.PER_MINUTE, "most", 1000)


def test_a_comment_is_counted_and_read(client, thing, ben):
    commenting.write(thing=thing, by=ben, text="Nice <b>light</b>, see https://example.org/x")

    page = client.get(f"{thing.get_absolute_url()}comments/").content.decode()

    assert count(thing) == 1
    assert "Nice &lt;b&gt;light&lt;/b&gt;" in page
    assert '<a href="https://example.org/x" rel="nofollow noopener ugc">' in page


def test_an_answer_to_an_answer_hangs_on_the_first(thing, anna, ben):
    first = commenting.write(thing=thing, by=ben, text="one")
    answer = commenting.write(thing=thing, by=anna, text="two", parent=first)

    third = commenting.write(thing=thing, by=ben, text="three", parent=answer)

    assert third.parent == first
    assert count(thing) == 3


def test_an_answer_belongs_to_the_thing_of_its_comment(picture, ben):
    elsewhere = commenting.write(thing=picture, by=ben, text="one")

    with pytest.raises(DomainError):
        commenting.write(thing=PictureFactory(visibility="public"), by=ben, text="two", parent=elsewhere)


def test_the_database_wants_exactly_one_thing(picture, card, ben):
    for things in ({}, {"picture": picture, "card": card}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Comment.objects.create(author=ben, text="x", **things)


@pytest.mark.parametrize("text", ["", "  \n", "x" * 2001, "this is forbiddenword here"])
def test_text_that_cannot_stand_is_refused(thing, ben, text):
    Word.objects.create(text="forbiddenword")

    with pytest.raises(DomainError) as refusal:
        commenting.write(thing=thing, by=ben, text=text)

    assert refusal.value.field == "text"
    assert count(thing) == 0


@pytest.mark.parametrize(("column", "code"), [("muted_until", "muted"), ("banned_until", "banned")])
def test_muted_and_banned_people_neither_write_nor_change(thing, ben, column, code):
    comment = commenting.write(thing=thing, by=ben, text="one")
    setattr(ben, column, OPEN_END)

    for deed in (
        lambda: commenting.write(thing=thing, by=ben, text="two"),
        lambda: commenting.edit(comment=comment, by=ben, text="two"),
    ):
        with pytest.raises(DomainError) as refusal:
            deed()
        assert refusal.value.code == code


def test_nobody_writes_a_flood(picture, ben):
    for _n in range(commenting.PER_MINUTE["most"]):
        commenting.write(thing=picture, by=ben, text="again")

    with pytest.raises(DomainError) as refusal:
        commenting.write(thing=picture, by=ben, text="again")

    assert refusal.value.status == 429
    assert Comment.objects.count() == commenting.PER_MINUTE["most"]


def test_a_comment_is_changed_soon_or_never(thing, ben):
    comment = commenting.write(thing=thing, by=ben, text="one")
    commenting.edit(comment=comment, by=ben, text="two")
    assert comment.text == "two"
    assert comment.edited_at

    comment.created_at = timezone.now() - timedelta(minutes=16)
    with pytest.raises(DomainError):
        commenting.edit(comment=comment, by=ben, text="three")


def test_only_the_author_changes_and_deletes(thing, anna, ben, moderator):
    comment = commenting.write(thing=thing, by=ben, text="one")

    for other in (anna, moderator):
        for deed in (commenting.delete, lambda **call: commenting.edit(text="x", **call)):
            with pytest.raises(commenting.NotYours):
                deed(comment=comment, by=other)


def test_a_deleted_comment_with_answers_leaves_a_gap_that_closes_with_them(client, thing, anna, ben):
    first = commenting.write(thing=thing, by=ben, text="secret words")
    answer = commenting.write(thing=thing, by=anna, text="answer", parent=first)

    commenting.delete(comment=first, by=ben)

    page = client.get(f"{thing.get_absolute_url()}comments/").content.decode()
    assert "Deleted by its author" in page
    assert "secret words" not in page
    assert count(thing) == 1

    commenting.delete(comment=answer, by=anna)
    assert not Comment.objects.exists()
    assert count(thing) == 0


def test_owner_and_moderator_hide_and_others_do_not(client, thing, anna, ben, moderator):
    comment = commenting.write(thing=thing, by=ben, text="rude words")
    stranger = UserFactory()
    with pytest.raises(commenting.NotYours):
        commenting.hide(comment=comment, by=stranger)

    commenting.hide(comment=comment, by=anna)
    commenting.hide(comment=comment, by=moderator)

    assert count(thing) == 0
    assert "rude words" not in client.get(f"{thing.get_absolute_url()}comments/").content.decode()
    commenting.unhide(comment=comment, by=anna)
    assert count(thing) == 1


def test_what_a_moderator_hid_the_owner_does_not_show(thing, anna, ben):
    judge = UserFactory()
    judge.groups.add(Group.objects.get(name="Moderators"))
    comment = commenting.write(thing=thing, by=ben, text="rude words")
    commenting.hide(comment=comment, by=judge)

    with pytest.raises(commenting.NotYours):
        commenting.unhide(comment=comment, by=anna)


@pytest.mark.django_db(transaction=True)
def test_writing_hiding_and_deleting_at_once_leaves_counter_and_rows_equal():
    picture = PictureFactory(visibility="public")
    users = [UserFactory(password="x") for _n in range(6)]
    written = at_once(commenting.write, [{"thing": picture, "by": user, "text": "x"} for user in users] * 2)

    at_once(
        lambda number, comment: (
            commenting.delete(comment=comment, by=comment.author)
            if number % 2
            else commenting.hide(comment=comment, by=picture.owner)
        ),
        [{"number": number, "comment": comment} for number, comment in enumerate(written[:8])] * 2,
    )

    assert count(picture) == Comment.objects.standing().count() == 4


def queries(thing, user):
    with CaptureQueriesContext(connection) as context:
        threads.page(thing, user)
    return len(context)


def test_a_page_of_many_threads_costs_the_same_as_one(thing, anna, ben):
    first = commenting.write(thing=thing, by=ben, text="x")
    commenting.write(thing=thing, by=ben, text="y", parent=first)
    before = queries(thing, anna)

    for _n in range(20):
        parent = commenting.write(thing=thing, by=UserFactory(password="x"), text="x")
        commenting.write(thing=thing, by=UserFactory(password="x"), text="y", parent=parent)

    assert queries(thing, anna) == before <= 4
    page = threads.page(thing, anna)
    older = threads.page(thing, anna, page.cursor)
    assert (len(page.threads), len(older.threads), older.cursor) == (15, 6, "")


def test_a_comment_of_a_deleted_account_has_no_name(client, thing, ben):
    commenting.write(thing=thing, by=ben, text="I was here")
    ben.delete()

    page = client.get(f"{thing.get_absolute_url()}comments/").content.decode()

    assert "deleted user" in page
    assert "I was here" in page
