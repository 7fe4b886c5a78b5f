"""Moderators ban, mute, lift, and say who is trusted; the rows are the history."""

import pytest
from django.urls import reverse

from accounts import roles, sanctions
from accounts.models import Sanction, User
from tests.accounts.people import administrator, moderator, trusted
from tests.admin.test_deeds import act
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
ADD = "/admin/accounts/sanction/add/"


@pytest.fixture
def judge():
    return moderator(username="judge")


@pytest.fixture
def office(client, judge):
    client.force_login(judge)
    return client


def issue(office, user, **fields):
    form = {"user": user.pk, "kind": "ban", "reason": "Spam", "note": "seen twice", "until_0": "", "until_1": ""}
    return office.post(ADD, form | fields)


def test_a_moderator_bans_with_a_reason(office, judge):
    user = UserFactory()

    answer = issue(office, user)

    assert answer.status_code == 302
    row = Sanction.objects.get()
    assert (row.user, row.kind, row.reason, row.note, row.issued_by) == (user, "ban", "Spam", "seen twice", judge)
    assert User.objects.get(pk=user.pk).is_banned


@pytest.mark.parametrize("change", [{"reason": ""}, {"kind": "shame"}, {"until_0": "2001-01-01", "until_1": "10:00"}])
def test_a_refused_form_bans_nobody(office, change):
    user = UserFactory()

    assert issue(office, user, **change).status_code == 200
    assert not Sanction.objects.exists()
    assert not User.objects.get(pk=user.pk).is_banned


def test_a_moderator_bans_no_moderator_and_no_administrator(office):
    for user in (moderator(), administrator()):
        assert "as high as yours" in issue(office, user).content.decode()

    assert not Sanction.objects.exists()


def test_a_sanction_is_lifted_with_a_reason_and_never_deleted(office, judge):
    row = sanctions.mute(user=UserFactory(), reason="Rude", by=judge)
    page = f"/admin/accounts/sanction/{row.pk}/change/"

    assert office.post(page, {"lift_reason": ""}).status_code == 200
    assert office.post(page, {"lift_reason": "Said sorry", "reason": "changed"}).status_code == 302

    row.refresh_from_db()
    assert (row.lifted_by, row.lift_reason, row.reason) == (judge, "Said sorry", "Rude")
    assert not row.user.is_muted
    assert office.post(f"/admin/accounts/sanction/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert office.post(page, {"lift_reason": "again"}).status_code == 403


def test_the_history_stands_on_the_users_page(office, judge):
    user = UserFactory()
    sanctions.mute(user=user, reason="Called people names", by=judge)

    page = office.get(reverse("admin:accounts_user_change", args=[user.pk])).content.decode()

    assert "Called people names" in page


def test_the_list_of_users_leads_to_the_form(office):
    user = UserFactory()
    list_page = reverse("admin:accounts_user_changelist")

    answer = office.post(list_page, {"action": "sanction", "_selected_action": [user.pk]})

    assert answer.url == f"{ADD}?user={user.pk}"
    assert office.get(answer.url).status_code == 200


def test_trust_is_given_and_taken_back(office):
    one, already = UserFactory(), trusted()

    assert act(office, User, "make_trusted", [one, already]) == ["1 trusted."]
    assert roles.role(User.objects.get(pk=one.pk)) == "trusted"
    assert act(office, User, "take_trust", [one, already]) == ["2 not trusted any more."]
    assert roles.role(User.objects.get(pk=one.pk)) == "user"


def test_only_administrators_appoint_moderators(office, client):
    user = UserFactory()
    list_page = reverse("admin:accounts_user_changelist")
    office.post(list_page, {"action": "make_moderator", "_selected_action": [user.pk]})
    assert roles.role(User.objects.get(pk=user.pk)) == "user"

    client.force_login(administrator())

    assert act(client, User, "make_moderator", [user])[-1] == "1 made moderator."
    made = User.objects.get(pk=user.pk)
    assert (roles.role(made), made.is_staff) == ("moderator", True)
    assert act(client, User, "take_moderator", [user]) == ["1 no moderator any more."]
    assert not User.objects.get(pk=user.pk).is_staff
