"""Leaving: closed at once, taken back within the days of grace, then gone without a trace but what was announced."""

import json
from datetime import timedelta

import pytest
from django.apps import apps
from django.core import serializers
from django.db import models
from django.utils import timezone

from accounts import deletion, exporting, jobs, portraits, presence, sanctions
from accounts.models import ApiToken, Profile, Sanction, User
from gallery.models import Picture
from generation.models import Job, Source
from models_hub.models import ModelCard
from social import commenting, services
from tests.factories import PASSWORD, JobFactory, ModelVersionFactory, PictureFactory, RecipeFactory, UserFactory
from visionary.common.exceptions import DomainError

CANARY = "canary7391"


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.EXPORTS_DIR, settings.MEDIA_ROOT = tmp_path / "exports", tmp_path / "media"


@pytest.fixture
def anna(db):
    return UserFactory(username=f"anna.{CANARY}", email=f"{CANARY}@example.org")


@pytest.fixture
def ben(db):
    return UserFactory(username="ben")


def published(owner, **fields):
    picture = PictureFactory(owner=owner, visibility="public", published_at=timezone.now(), **fields)
    RecipeFactory(picture=picture, prompt=f"a {CANARY}")
    return picture


def close(client, user, **fields):
    client.force_login(user)
    return client.post("/settings/delete/", {"password": PASSWORD, "models": "keep"} | fields)


def after_grace(user):
    User.objects.filter(pk=user.pk).update(deletion_due_at=timezone.now() - timedelta(seconds=1))
    return jobs.delete_accounts()


def test_a_wrong_password_closes_nothing(client, anna):
    response = close(client, anna, password="wrong")

    assert response.status_code == 422
    assert User.objects.get().is_active


def test_an_account_is_closed_at_once(client, anna, ben):
    picture = published(anna)
    job = JobFactory(owner=anna)
    _row, secret = ApiToken.issue(anna, "script")
    presence.touch(anna)

    assert close(client, anna).url == "/"

    assert client.get("/settings/profile/").status_code == 302
    assert client.get("/api/me/", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert client.get(anna.get_absolute_url()).status_code == 404
    assert client.get(picture.get_absolute_url()).status_code == 404
    assert client.get(picture.file_url).status_code == 404
    assert Job.objects.get(pk=job.pk).state == "cancelled"
    anna.refresh_from_db()
    assert presence.is_online([anna]) == set()


def test_signing_in_offers_to_take_it_back(client, anna):
    picture, trashed = published(anna), published(anna, deleted_at=timezone.now() - timedelta(days=1))
    close(client, anna)
    door = client.post("/accounts/login/", {"login": anna.username, "password": PASSWORD})
    assert door.url == "/settings/delete/undo/"
    assert "Open it again" in client.get(door.url).content.decode()
    assert client.get("/settings/profile/").status_code == 302  # nothing is open before

    client.post(door.url)

    assert client.get("/settings/profile/").status_code == 200
    assert client.get(picture.get_absolute_url()).status_code == 200
    assert Picture.objects.get(pk=trashed.pk).deleted_at
    assert User.objects.get(pk=anna.pk).deletion_due_at is None


def test_only_the_right_password_leads_to_the_way_back(client, anna):
    close(client, anna)

    assert client.post("/accounts/login/", {"login": anna.username, "password": "wrong"}).status_code == 200
    assert client.post("/settings/delete/undo/").url == "/accounts/login/"
    assert not User.objects.get().is_active


def test_who_was_blocked_by_staff_finds_no_way_back(client, anna):
    User.objects.filter(pk=anna.pk).update(is_active=False)

    door = client.post("/accounts/login/", {"login": anna.username, "password": PASSWORD})

    assert "undo" not in door.url


def test_nothing_is_deleted_before_its_day(client, anna):
    close(client, anna)

    assert jobs.delete_accounts() == 0
    assert User.objects.exists()


def test_the_only_administrator_stays(client, db):
    admin = UserFactory(is_superuser=True, is_staff=True)

    assert close(client, admin).status_code == 422
    with pytest.raises(DomainError):
        deletion.close(user=admin)


def fill(user, other):
    """Something of everything, with the canary wherever the user could have written it."""
    Profile.objects.filter(user=user).update(bio=CANARY, links=[{"title": CANARY, "url": "https://example.org"}])
    picture = published(user, title=CANARY)
    theirs = published(other)
    for path in (picture.path, picture.preview_path(256), picture.preview_path(512)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    source = Source.objects.create(
        owner=user, role="source", file="sources/x.png", sha256="1", size=1, width=1, height=1
    )
    source.path.parent.mkdir(parents=True, exist_ok=True)
    source.path.write_bytes(b"x")
    Profile.objects.filter(user=user).update(avatar="avatars/ab/" + "a" * 32)
    portrait = portraits.path("avatars/ab/" + "a" * 32, "small")
    portrait.parent.mkdir(parents=True)
    portrait.write_bytes(b"x")
    draft = ModelVersionFactory(card__owner=user, card__status="draft", card__name=CANARY)
    JobFactory(owner=user, prompt=CANARY, version=draft)
    user.presets.create(name=CANARY)
    user.saved_prompts.create(text=CANARY, digest="1")
    services.like(picture=theirs, by=user)
    services.follow(user=other, by=user)
    services.follow(user=user, by=other)
    export = exporting.order(user=user)
    jobs.make_export(str(export.pk))
    return theirs, commenting.write(thing=theirs, by=user, text="words that stay")


def files(root):
    return [path for path in root.rglob("*") if path.is_file()]


def rows():
    """Every row of the site, as text."""
    kept = [model for model in apps.get_models() if model._meta.managed]
    tables = [serializers.serialize("json", model._base_manager.all()) for model in kept]
    return json.dumps([json.loads(table) for table in tables])


def test_all_that_was_a_user_s_own_goes_and_what_was_announced_stays(
    client, anna, ben, tmp_path, django_capture_on_commit_callbacks
):
    theirs, comment = fill(anna, ben)
    judge = UserFactory(is_superuser=True)
    sanctions.mute(user=anna, reason="spam", by=judge, note=CANARY)
    Picture.objects.filter(owner=ben).update(title="")
    theirs.recipe.prompt = "kept"
    theirs.recipe.save()
    assert CANARY in rows()
    assert files(tmp_path)

    with django_capture_on_commit_callbacks(execute=True):
        close(client, anna)
        assert after_grace(anna) == 1

    assert CANARY not in rows()
    assert files(tmp_path) == []
    comment.refresh_from_db()
    assert (comment.text, comment.author) == ("words that stay", None)
    theirs.refresh_from_db()
    assert theirs.likes == 0
    assert Profile.objects.values_list("followers", "following").get(user=ben) == (0, 0)
    assert Sanction.objects.get().user is None


@pytest.mark.parametrize(("choice", "left"), [("keep", 1), ("withdraw", 0)])
def test_models_stay_without_a_name_or_go(client, anna, choice, left):
    version = ModelVersionFactory(card__owner=anna)
    close(client, anna, models=choice)

    after_grace(anna)

    assert ModelCard.objects.filter(pk=version.card_id, owner=None).published().count() == left
    assert not User.objects.exists()


def test_a_model_that_others_pictures_name_leaves_its_name_only(client, anna, ben):
    version = ModelVersionFactory(card__owner=anna, card__description=CANARY)
    JobFactory(owner=ben, version=version)
    close(client, anna, models="withdraw")

    after_grace(anna)

    card = ModelCard.objects.get(pk=version.card_id)
    assert (card.owner, card.description, card.status) == (None, "", "withdrawn")


def test_one_account_that_cannot_be_deleted_does_not_hold_up_others(client, anna, ben, monkeypatch):
    close(client, anna), close(client, ben)
    User.objects.update(deletion_due_at=timezone.now() - timedelta(seconds=1))
    whole = deletion.delete

    def fails_for_anna(user):
        if user == anna:
            raise RuntimeError("disk on fire")
        whole(user)

    monkeypatch.setattr(deletion, "delete", fails_for_anna)

    assert jobs.delete_accounts() == 1
    assert list(User.objects.all()) == [anna]


def test_no_key_to_users_stands_in_the_way_of_their_deletion():
    """Whatever is PROTECTed must have been let go of before: say so here and in the app's exports.py."""
    known = {"models_hub.ModelCard.owner"}
    keys = [field for model in apps.get_models() for field in model._meta.local_fields if field.related_model is User]
    protected = {str(key) for key in keys if key.remote_field.on_delete in (models.PROTECT, models.RESTRICT)}

    assert protected <= known
