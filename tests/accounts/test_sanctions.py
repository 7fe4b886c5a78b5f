"""Bans and mutes as history: who may issue them, how long they hold, what the columns of the user say."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import sanctions
from accounts.models import OPEN_END, Sanction, User
from tests.accounts.people import administrator, moderator, trusted
from tests.factories import UserFactory
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def boss():
    return moderator()


def fresh(user):
    return User.objects.get(pk=user.pk)


def in_days(days):
    return timezone.now() + timedelta(days=days)


def test_an_open_ban_holds_until_it_is_lifted(user, boss):
    row = sanctions.ban(user=user, reason="Spam", by=boss)

    assert fresh(user).is_banned
    assert fresh(user).banned_until == OPEN_END
    sanctions.lift(sanction=row, by=boss, reason="A mistake")
    assert not fresh(user).is_banned
    assert (row.lifted_by, row.lift_reason) == (boss, "A mistake")


def test_a_timed_ban_ends_by_itself(user, boss):
    sanctions.ban(user=user, reason="Spam", by=boss, until=in_days(1))
    assert fresh(user).is_banned

    User.objects.update(banned_until=timezone.now() - timedelta(seconds=1))

    assert not fresh(user).is_banned
    sanctions.refuse_if_banned(fresh(user))


def test_the_longest_of_several_counts(user, boss):
    short, long = in_days(1), in_days(9)
    sanctions.mute(user=user, reason="one", by=boss, until=long)
    sanctions.mute(user=user, reason="two", by=boss, until=short)
    opened = sanctions.mute(user=user, reason="three", by=boss)
    assert fresh(user).muted_until == OPEN_END

    sanctions.lift(sanction=opened, by=boss, reason="enough")

    assert fresh(user).muted_until == long
    assert fresh(user).banned_until is None


def test_every_ban_counts_the_epoch_up(user, boss):
    row = sanctions.ban(user=user, reason="one", by=boss)
    sanctions.lift(sanction=row, by=boss, reason="sorry")
    sanctions.mute(user=user, reason="two", by=boss)

    assert fresh(user).session_epoch == 1


@pytest.mark.parametrize("maker", [moderator, administrator])
def test_nobody_sanctions_an_equal_or_higher_role(boss, maker):
    with pytest.raises(DomainError, match="as high as yours"):
        sanctions.ban(user=maker(), reason="Spam", by=boss)

    assert not Sanction.objects.exists()


@pytest.mark.parametrize("maker", [UserFactory, trusted])
def test_ordinary_people_sanction_nobody(user, maker):
    with pytest.raises(DomainError, match="Only moderators"):
        sanctions.mute(user=user, reason="Spam", by=maker())


def test_nobody_lifts_their_own_sanction(boss):
    row = sanctions.mute(user=boss, reason="Rude", by=administrator())

    with pytest.raises(DomainError, match="Nobody can"):
        sanctions.lift(sanction=row, by=fresh(boss), reason="I am nice")


def test_a_banned_moderator_moderates_no_more(user, boss):
    sanctions.ban(user=boss, reason="Abuse", by=administrator())

    with pytest.raises(DomainError, match="Only moderators"):
        sanctions.ban(user=user, reason="revenge", by=fresh(boss))


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"reason": " "}, "reason"), ({"reason": "x" * 501}, "reason"), ({"reason": "x", "until": in_days(-1)}, "until")],
)
def test_a_bad_value_names_its_field_and_changes_nothing(user, boss, fields, field):
    with pytest.raises(DomainError) as refusal:
        sanctions.ban(user=user, by=boss, **fields)

    assert refusal.value.field == field
    assert not fresh(user).is_banned


def test_a_sanction_is_lifted_once(user, boss):
    row = sanctions.ban(user=user, reason="Spam", by=boss)
    sanctions.lift(sanction=row, by=boss, reason="sorry")

    with pytest.raises(DomainError, match="over already"):
        sanctions.lift(sanction=row, by=boss, reason="again")


def test_history_outlives_who_wrote_it_and_whom_it_was_about(user, boss):
    row = sanctions.ban(user=user, reason="Spam", by=boss)

    boss.delete()
    user.delete()

    row.refresh_from_db()
    assert (row.issued_by, row.user, row.reason) == (None, None, "Spam")
    with pytest.raises(DomainError, match="does not exist any more"):
        sanctions.lift(sanction=row, by=administrator(), reason="gone")


def test_the_sentence_says_why_and_until_when(user, boss):
    sanctions.mute(user=user, reason="Rude to newcomers", by=boss, until=in_days(2))

    with pytest.raises(DomainError, match=r"until .*Rude to newcomers") as refusal:
        sanctions.refuse_if_muted(fresh(user))

    assert (refusal.value.code, refusal.value.status) == ("muted", 403)


def test_a_hook_that_fails_saves_nobody(user, boss, monkeypatch):
    called = []
    monkeypatch.setattr(sanctions, "on_ban", [lambda user: 1 / 0, called.append])

    sanctions.ban(user=user, reason="Spam", by=boss)

    assert fresh(user).is_banned
    assert called == [user]


def test_whoever_is_banned_needs_no_further_query_to_be_known(user, django_assert_num_queries):
    row = fresh(user)

    with django_assert_num_queries(0):
        assert not row.is_banned
        assert not row.is_muted
        sanctions.refuse_if_muted(row)
