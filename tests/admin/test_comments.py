"""Moderators hide comments in the back office, by the service of the pages."""

import pytest
from django.contrib.auth.models import Group

from social import commenting
from tests.factories import PictureFactory, UserFactory

LIST = "/admin/social/comment/"


@pytest.fixture
def comment(db):
    return commenting.write(thing=PictureFactory(visibility="public"), by=UserFactory(), text="rude words")


@pytest.fixture
def judge(client, db):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name="Moderators"))
    client.force_login(user)
    return user


def test_a_moderator_reads_hides_and_shows_comments(client, comment, judge):
    assert "rude words" in client.get(LIST).content.decode()

    for action, comments in (("hide", 0), ("show", 1)):
        client.post(LIST, {"action": action, "_selected_action": [comment.pk]})
        comment.picture.refresh_from_db()
        assert comment.picture.comments == comments


def test_words_are_not_changed_in_the_back_office(client, comment, judge):
    client.post(f"{LIST}{comment.pk}/change/", {"text": "other words"})

    comment.refresh_from_db()
    assert comment.text == "rude words"
