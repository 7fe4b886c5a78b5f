"""Who may upload, and where to."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts import sanctions
from accounts.models import OPEN_END, User
from models_hub.models import Upload
from models_hub.uploads import quarantine
from tests.factories import ModelVersionFactory, UserFactory
from tests.uploads.conftest import Tus, token_of


def test_a_guest_is_asked_to_sign_in(tus, client):
    client.logout()

    assert tus.create(10).status_code == 401


def test_another_user_does_not_learn_of_an_upload(tus, client):
    upload = tus.begin(10)
    client.force_login(UserFactory())

    assert tus.head(upload).status_code == 404
    assert tus.patch(upload, b"12345", 0).status_code == 404
    assert tus.send("DELETE", f"/uploads/{upload.pk}/").status_code == 404
    assert quarantine.size_of(upload) == 0


def test_a_session_needs_the_csrf_token(owner):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)

    assert Tus(browser).create(10).status_code == 403


@pytest.mark.parametrize(("scopes", "status"), [((), 201), (("upload",), 201), (("read", "generate"), 403)])
def test_a_token_needs_the_scope(owner, scopes, status):
    browser = Client(enforce_csrf_checks=True)

    answer = Tus(browser).create(10, Authorization=f"Bearer {token_of(owner, *scopes)}")

    assert answer.status_code == status


def test_a_muted_user_may_not_begin_nor_continue(tus, owner):
    upload = tus.begin(10)
    User.objects.filter(pk=owner.pk).update(muted_until=OPEN_END)

    assert tus.create(10).json()["code"] == "muted"
    assert tus.patch(upload, b"12345", 0).json()["code"] == "muted"


def test_a_ban_ends_open_uploads(tus, owner):
    upload = tus.begin(10, data=b"123")
    moderator = UserFactory(is_superuser=True, is_staff=True)

    sanctions.ban(user=owner, reason="spam", by=moderator)

    assert not Upload.objects.filter(pk=upload.pk).exists()
    assert not quarantine.path_of(upload).exists()


def test_another_users_version_takes_no_file(tus):
    theirs = ModelVersionFactory(card__owner=UserFactory(), status="draft")

    assert tus.create(10, told={"version": theirs.pk}).status_code == 404


@pytest.mark.parametrize("status", ["published", "waiting", "withdrawn"])
def test_a_closed_version_takes_no_file(tus, version, status):
    type(version).objects.update(status=status)

    assert tus.create(10, told={"version": version.pk}).json()["code"] == "version_closed"


def test_a_model_in_the_trash_takes_no_file(tus, version):
    type(version.card).objects.update(deleted_at=timezone.now())

    assert tus.create(10, told={"version": version.pk}).status_code == 404
