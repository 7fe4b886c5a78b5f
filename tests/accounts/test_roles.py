"""One role for each person."""

import pytest
from django.contrib.auth.models import AnonymousUser, Group

from accounts import roles, sanctions
from accounts.models import User
from tests.accounts.people import administrator, moderator, trusted
from tests.factories import UserFactory
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db


def banned():
    user = UserFactory()
    sanctions.ban(user=user, reason="Spam", by=administrator())
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(
    ("maker", "role", "at_once"),
    [
        (AnonymousUser, "guest", False),
        (UserFactory, "user", False),
        (trusted, "trusted", True),
        (moderator, "moderator", True),
        (administrator, "administrator", True),
        (banned, "banned", False),
    ],
)
def test_everybody_has_one_role(maker, role, at_once):
    person = maker()

    assert roles.role(person) == role
    assert roles.may_publish_at_once(person) is at_once
    assert roles.is_moderator(person) is (role in {"moderator", "administrator"})


def test_the_groups_come_with_the_site():
    assert set(Group.objects.values_list("name", flat=True)) >= {"Trusted", "Moderators"}


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        ("accounts.add_sanction", True),
        ("accounts.trust_user", True),
        ("gallery.change_picture", True),
        ("generation.change_job", True),
        ("accounts.delete_sanction", False),
        ("accounts.change_user", False),
        ("auth.change_group", False),
    ],
)
def test_moderators_may_what_their_work_needs(permission, expected):
    assert moderator().has_perm(permission) is expected


def test_a_role_costs_one_query_for_each_person(django_assert_num_queries):
    person = User.objects.get(pk=trusted().pk)

    with django_assert_num_queries(1):
        assert [roles.role(person) for _ in range(3)] == ["trusted"] * 3


@pytest.mark.parametrize("maker", [UserFactory, trusted])
def test_trust_is_given_by_moderators_only(maker):
    with pytest.raises(DomainError, match="Only moderators"):
        roles.set_trusted(user=UserFactory(), by=maker())
