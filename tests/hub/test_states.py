"""Who may move a version from state to state, and what goes with it: files, dates, the card, the owner's mail."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone

from generation.rendering import jobs as rendering
from models_hub import states, storing
from models_hub.models import ModelCard, ModelFile, ModelVersion
from tests.factories import JobFactory, UserFactory
from tests.hub import weights
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    settings.QUARANTINE_DIR, settings.MODELS_DIR = tmp_path / "quarantine", tmp_path / "models"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def commits(django_capture_on_commit_callbacks):
    """What follows on commit is done when the block ends."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def member(group):
    user = UserFactory()
    user.groups.add(Group.objects.get_or_create(name=group)[0])
    return user


@pytest.fixture
def moderator(db):
    return member("Moderators")


def refused(code, deed, *args):
    with pytest.raises(DomainError) as error:
        deed(*args)
    assert error.value.code == code


def test_an_ordinary_owners_version_waits_for_a_moderator(moderator, commits):
    version = weights.ready()
    states.submit(version, version.card.owner)
    assert (version.status, version.card.status) == ("waiting", "draft")
    assert not ModelVersion.objects.published().exists()

    with commits():
        states.approve(version, moderator)

    version.refresh_from_db()
    assert (version.status, version.card.status, version.layout) == ("published", "published", "single")
    assert ModelVersion.objects.published().get() == version
    assert version.card.published_at == version.published_at
    assert version.card.last_version_at == version.published_at
    assert [message.subject for message in mail.outbox][-1].endswith("is published.")


def test_a_trusted_owner_publishes_at_once():
    version = weights.ready(member("Trusted"))

    states.submit(version, version.card.owner)

    assert version.status == "published"


def test_publishing_moves_the_file_under_its_hash(commits):
    version = weights.ready(member("Trusted"))
    file = version.files.get()
    old = file.full_path

    with commits():
        states.submit(version, version.card.owner)

    file.refresh_from_db()
    version.refresh_from_db()
    assert version.path == file.path == f"{file.sha256[:2]}/{file.sha256}/model.safetensors"
    assert (version.sha256, version.size) == (file.sha256, file.size)
    assert version.full_path.stat().st_size == file.size
    assert not old.exists()


def test_publishing_works_across_file_systems(commits, monkeypatch):
    def no_links(*args):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(storing.os, "link", no_links)
    version = weights.ready(member("Trusted"))

    with commits():
        states.submit(version, version.card.owner)

    assert version.full_path.read_bytes()
    assert not list(settings.MODELS_DIR.rglob(".part-*"))


def test_a_publication_that_fails_leaves_the_file_in_quarantine(monkeypatch):
    version = weights.ready(member("Trusted"))
    monkeypatch.setattr(states, "_sum_up", lambda card: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        states.submit(version, version.card.owner)

    version.refresh_from_db()
    assert version.status == "ready"
    assert version.files.get().full_path.exists()


def test_the_same_content_is_stored_once_and_survives_either_owner(commits):
    first, second = weights.ready(member("Trusted"), "x"), None
    with commits():
        states.submit(first, first.card.owner)
    second = weights.draft(member("Trusted"))
    with commits():
        file = weights.inspected(second, weights.lora(salt="x"))
    assert file.findings.get().code == "same_content"
    assert not list(settings.QUARANTINE_DIR.rglob("*-*-*"))
    states.submit(second, second.card.owner)
    assert first.files.get().path == second.files.get().path

    with commits():
        states.trash(first.card, first.card.owner)
        assert states.purge(ModelCard.objects.get(pk=first.card_id))

    assert ModelVersion.objects.get().full_path.is_file()
    with commits():
        states.trash(second.card, second.card.owner)
        states.purge(ModelCard.objects.get())
    assert not list(settings.MODELS_DIR.rglob("*.safetensors"))


def test_a_rejected_version_comes_back_only_through_a_moderator(moderator, commits):
    version = weights.ready(member("Trusted"))
    version.status = "waiting"
    version.save()

    refused("no_reason", states.reject, version, moderator, " ")
    with commits():
        states.reject(version, moderator, "The licence does not allow it.")
    assert "The licence does not allow it." in mail.outbox[-1].body

    version.refresh_from_db()
    assert (version.status, version.reason) == ("rejected", "The licence does not allow it.")
    states.submit(version, version.card.owner)
    assert version.status == "waiting"


def test_a_withdrawn_version_draws_no_more(moderator):
    version = weights.ready(member("Trusted"))
    states.submit(version, version.card.owner)
    job = JobFactory(version=version)

    states.withdraw(version, version.card.owner)

    version.card.refresh_from_db()
    assert (version.status, version.card.status) == ("withdrawn", "withdrawn")
    from generation.recipes import specs

    with pytest.raises(specs.ModelWithdrawn):
        specs.render_spec(type(job).objects.get(pk=job.pk))
    states.restore(version, version.card.owner)
    assert ModelVersion.objects.published().get().pk == version.pk


def test_what_a_moderator_withdrew_only_a_moderator_brings_back(moderator):
    version = weights.ready(member("Trusted"))
    states.submit(version, version.card.owner)
    refused("no_reason", states.withdraw, version.card, moderator)
    states.withdraw(version.card, moderator, "Reported.")

    version = ModelVersion.objects.get()
    assert version.card.withdrawn_reason == "Reported."
    refused("taken_down", states.restore, version, version.card.owner)
    refused("not_allowed", states.restore, version.card, version.card.owner)

    states.restore(version.card, moderator)
    assert ModelVersion.objects.published().exists()


@pytest.mark.parametrize("deed", [lambda card, by: states.withdraw(card, by, "Reported."), states.trash])
def test_what_a_moderator_does_to_a_model_holds_for_all_its_versions(moderator, deed):
    old = weights.ready(member("Trusted"))
    owner = old.card.owner
    states.submit(old, owner)
    states.withdraw(old, owner)
    new = ModelVersion.objects.create(card=old.card, name="2.0", status="draft")
    weights.inspected(new, weights.lora(salt="new"))
    states.submit(new, owner)

    deed(old.card, moderator)
    if (card := ModelCard.objects.get()).deleted_at:
        states.restore(card, owner)

    for version in ModelVersion.objects.all():
        refused("taken_down", states.restore, version, owner)
    third = ModelVersion.objects.create(card=old.card, name="3.0", status="draft")
    weights.inspected(third, weights.lora(salt="third"))
    assert states.submit(third, owner).status == "waiting"


@pytest.mark.parametrize("change", [{"kind": "checkpoint"}, {"family": "sdxl"}])
def test_a_card_that_was_changed_after_the_inspection_is_compared_again(change):
    version = weights.ready(member("Trusted"))
    ModelCard.objects.filter(pk=version.card_id).update(**change)

    refused("contradicts_file", states.submit, version, version.card.owner)


def test_a_new_version_brings_the_model_up_and_leaves_the_old_one(commits):
    old = weights.ready(member("Trusted"))
    states.submit(old, old.card.owner)
    before = old.card.last_version_at
    new = ModelVersion.objects.create(card=old.card, name="2.0", status="draft")
    assert ModelVersion.objects.published().get() == old

    weights.inspected(new, weights.lora(salt="new"))
    states.submit(new, old.card.owner)

    old.card.refresh_from_db()
    assert old.card.last_version_at > before
    assert ModelVersion.objects.published().count() == 2


def test_the_trash_hides_keeps_for_thirty_days_and_then_deletes(commits):
    version = weights.ready(member("Trusted"))
    with commits():
        states.submit(version, version.card.owner)
    card = ModelCard.objects.get()
    states.trash(card, card.owner)
    assert not ModelVersion.objects.published().exists()
    assert states.purge_due(timezone.now() + timedelta(days=29)) == 0

    states.restore(card, card.owner)
    assert ModelVersion.objects.published().exists()
    states.trash(card, card.owner)

    with commits():
        assert states.purge_due(timezone.now() + timedelta(days=31)) == 1
    assert not ModelCard.objects.exists()
    assert not list(settings.MODELS_DIR.rglob("*.safetensors"))


def test_a_purged_model_that_jobs_name_stays_as_a_name(commits):
    version = weights.ready(member("Trusted"))
    states.submit(version, version.card.owner)
    JobFactory(version=version)
    states.trash(version.card, version.card.owner)

    with commits():
        assert states.purge_due(timezone.now() + timedelta(days=31)) == 1
    assert states.purge_due(timezone.now() + timedelta(days=32)) == 0

    version.refresh_from_db()
    assert (version.status, version.path) == ("withdrawn", "")
    assert not ModelFile.objects.exists()
    assert rendering


def test_hooks_hear_of_it_after_the_commit_and_may_fail(commits, monkeypatch):
    heard = []
    monkeypatch.setattr(states, "on_published", [lambda version: 1 / 0, lambda version: heard.append("on")])
    monkeypatch.setattr(states, "on_removed", [lambda version: heard.append("off")])
    version = weights.ready(member("Trusted"))

    with commits():
        states.submit(version, version.card.owner)
        assert heard == []
    with commits():
        states.withdraw(version, version.card.owner)

    assert heard == ["on", "off"]


@pytest.mark.parametrize(
    ("deed", "extra"),
    [("submit", ()), ("recall", ()), ("approve", ()), ("reject", ("no",)), ("withdraw", ("no",)), ("restore", ())],
)
def test_strangers_move_nothing(deed, extra):
    version = weights.ready()
    for status in ModelVersion.Status.values:
        ModelVersion.objects.filter(pk=version.pk).update(status=status)
        refused("not_allowed", getattr(states, deed), version, UserFactory(), *extra)
    refused("not_allowed", states.trash, version.card, UserFactory())


def test_what_is_not_finished_is_not_submitted():
    empty, asked = weights.draft(), weights.draft()
    refused("no_files", states.submit, empty, empty.card.owner)
    weights.arrive(empty, weights.lora())
    refused("inspecting", states.submit, empty, empty.card.owner)
    weights.inspected(asked, weights.lora(2048))
    refused("open_question", states.submit, asked, asked.card.owner)


def test_a_muted_owner_publishes_nothing(moderator):
    from accounts import sanctions

    version = weights.ready()
    sanctions.mute(user=version.card.owner, reason="Spam.", by=UserFactory(is_superuser=True))

    refused("muted", states.submit, version, type(version.card.owner).objects.get(pk=version.card.owner_id))
