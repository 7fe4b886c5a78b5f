"""One archive of all that is a user's own: whole, private, one at a time, gone after a week."""

import json
import zipfile
from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from accounts import exporting, jobs, sanctions
from accounts.models import Export, Profile, User
from models_hub.models import Review
from social import commenting, services
from tests.factories import JobFactory, ModelVersionFactory, PictureFactory, RecipeFactory, UserFactory
from visionary.common.exceptions import DomainError


@pytest.fixture(autouse=True)
def _folders(settings, tmp_path):
    settings.EXPORTS_DIR, settings.MEDIA_ROOT = tmp_path / "exports", tmp_path / "media"


@pytest.fixture
def anna(db):
    return UserFactory(username="anna")


@pytest.fixture
def ben(db):
    return UserFactory(username="ben")


def packed(user):
    """The archive of `user` as the worker makes it."""
    export = exporting.order(user=user)
    jobs.make_export(str(export.pk))
    export.refresh_from_db()
    return export


def table(export, name):
    with zipfile.ZipFile(export.path) as archive:
        return json.loads(archive.read(f"{name}.json"))


def own_things(user, other):
    picture = PictureFactory(owner=user, title="my picture", visibility="public", published_at=timezone.now())
    RecipeFactory(picture=picture, prompt="a canary")
    picture.path.parent.mkdir(parents=True, exist_ok=True)
    picture.path.write_bytes(b"the original")
    theirs = ModelVersionFactory(card__owner=other)
    services.like_model(card=theirs.card, by=user)
    services.follow(user=other, by=user)
    services.like(picture=picture, by=user)
    commenting.write(thing=picture, by=user, text="my words")
    ModelVersionFactory(card__owner=user, card__name="my model")
    Review.objects.create(version=theirs, user=user, recommends=True, text="my review")
    JobFactory(owner=user, prompt="my prompt", version=theirs)
    user.presets.create(name="my preset", values={"steps": 9})
    user.saved_prompts.create(text="used words", digest="1")
    return picture


def test_an_archive_holds_all_that_is_one_s_own(anna, ben):
    picture = own_things(anna, ben)
    Profile.objects.filter(user=anna).update(bio="my bio")
    export = packed(anna)

    assert (export.state, export.progress) == ("done", 100)
    assert table(export, "account")[0]["username"] == "anna"
    assert table(export, "profile")[0]["bio"] == "my bio"
    assert table(export, "pictures")[0]["recipe"]["prompt"] == "a canary"
    assert table(export, "comments")[0]["text"] == "my words"
    assert table(export, "follows")[0]["followed__username"] == "ben"
    assert table(export, "likes")[0]["picture_id"] == str(picture.pk)
    assert len(table(export, "model_likes")) == len(table(export, "jobs")) == 1
    assert table(export, "models")[0]["name"] == "my model"
    assert len(table(export, "models")[0]["versions"]) == 1
    assert table(export, "reviews")[0]["text"] == "my review"
    assert table(export, "presets")[0]["values"] == {"steps": 9}
    assert table(export, "prompts")[0]["text"] == "used words"
    with zipfile.ZipFile(export.path) as archive:
        assert archive.testzip() is None
        assert archive.read(f"pictures/{picture.pk}.png") == b"the original"


def test_sanctions_are_told_without_the_moderators_notes(anna):
    judge = UserFactory(is_staff=True, is_superuser=True)
    sanctions.mute(user=anna, reason="spam", by=judge, note="CANARY about others")

    export = packed(anna)

    assert table(export, "sanctions")[0]["reason"] == "spam"
    with zipfile.ZipFile(export.path) as archive:
        assert not any(b"CANARY" in archive.read(name) for name in archive.namelist())


def test_nothing_of_others_and_no_secret_is_in_it(anna, ben):
    own_things(ben, anna)
    PictureFactory(owner=anna, is_blocked=True, title="blocked canary")
    export = packed(anna)

    with zipfile.ZipFile(export.path) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (b"my words", b"my review", b"my prompt", b"blocked canary", ben.email.encode(), b"$", b"digest"):
        assert secret not in everything


def keyed_to_users():
    """Every model of the site that has a key to a user."""
    for model in apps.get_models():
        keys = [field for field in model._meta.get_fields() if field.concrete and field.related_model is User]
        if model is User or keys:
            yield model._meta.label


def test_every_model_with_a_key_to_users_says_whether_it_is_exported():
    undecided = set(keyed_to_users()) - set(exporting.exporters) - set(exporting.skipped)

    assert not undecided, f"say in its app's exports.py: exported, or skipped because ...: {sorted(undecided)}"
    assert not set(exporting.exporters) & set(exporting.skipped)
    assert {"gallery.Picture", "social.Comment", "generation.Job"} <= set(keyed_to_users())


def test_one_at_a_time(anna):
    exporting.order(user=anna)

    with pytest.raises(DomainError) as refusal:
        exporting.order(user=anna)

    assert refusal.value.code == "under_way"


def test_a_lost_archive_does_not_stand_in_the_way_for_ever(anna):
    export = exporting.order(user=anna)
    Export.objects.update(state="running", updated_at=timezone.now() - exporting.LOST - timedelta(seconds=1))

    assert exporting.order(user=anna).pk != export.pk


def test_a_second_delivery_packs_nothing(anna):
    export = packed(anna)
    before = export.path.stat().st_mtime_ns

    jobs.make_export(str(export.pk))

    assert export.path.stat().st_mtime_ns == before


def test_a_failure_is_told_and_leaves_no_half_file(anna, settings, monkeypatch):
    def broken(archive, user):
        raise RuntimeError("broken")

    monkeypatch.setitem(exporting.exporters, "gallery.Picture", broken)

    with pytest.raises(RuntimeError):
        packed(anna)

    assert Export.objects.get().state == "failed"
    assert list(settings.EXPORTS_DIR.iterdir()) == []


def test_only_its_owner_fetches_an_archive(client, anna, ben):
    address = f"/settings/export/{packed(anna).pk}.zip"
    staff = UserFactory(is_staff=True, is_superuser=True)

    assert client.get(address).status_code == 302
    for other in (ben, staff):
        client.force_login(other)
        assert client.get(address).status_code == 404
    client.force_login(anna)
    response = client.get(address)
    assert b"".join(response.streaming_content)[:2] == b"PK"
    assert response["Cache-Control"] == "private, no-store"


def test_an_archive_expires(client, anna, settings, django_capture_on_commit_callbacks):
    export = packed(anna)
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    client.force_login(anna)

    assert client.get(f"/settings/export/{export.pk}.zip").status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.clear_exports() == 1
    assert list(settings.EXPORTS_DIR.iterdir()) == []


def test_the_page_orders_and_tells_how_far_it_is(client, anna):
    client.force_login(anna)

    client.post("/settings/export/order/")
    Export.objects.update(state="running", progress=42)
    part = client.get("/settings/export/?part=1").content.decode()

    assert 'value="42"' in part
    assert "hx-trigger" in part
    jobs.make_export(str(Export.objects.get().pk))


def test_progress_goes_up_to_the_end(anna, monkeypatch):
    PictureFactory(owner=anna)
    seen = []
    monkeypatch.setattr(exporting, "room_left", lambda: seen.append(Export.objects.get().progress))

    packed(anna)

    assert seen == sorted(seen)
    assert len(set(seen)) > 5
