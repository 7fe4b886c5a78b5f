"""Sidecars are there before the first job that wants them, and go with their checkpoint."""

import shutil

import django_rq
import pytest
from django.core.management import call_command

from generation.engine.sidecars import MANIFEST, Sidecars
from generation.rendering import sidecars
from models_hub import services, states
from models_hub.models import ModelCard, ModelVersion
from tests.factories import ModelCardFactory
from visionary.common import files

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept(settings, tmp_path, monkeypatch):
    """The site's Sidecars in a folder of their own, for checkpoints of any size."""
    settings.SIDECARS_DIR, settings.MODELS_DIR = tmp_path / "sidecars", tmp_path / "models"
    monkeypatch.setattr("generation.recipes.specs.Sidecars", lambda *args: Sidecars(*args, least_parameters=0))
    django_rq.get_queue("small").empty()
    yield Sidecars(settings.SIDECARS_DIR, least_parameters=0)
    django_rq.get_queue("small").empty()


@pytest.fixture
def add(tiny_folders, django_capture_on_commit_callbacks):
    def add(number=0, folder=None, status="published"):
        path, fields = folder or tiny_folders[number], {"kind": "checkpoint", "family": "sd1", "layout": "diffusers"}
        digests = {name: files.sha256_of(file) for name, file in services.weight_files(path).items()}
        with django_capture_on_commit_callbacks(execute=True):
            version, _created = services.add_model(path=path, digests=digests, name=f"Tiny {number}", **fields)
            ModelCard.objects.filter(pk=version.card_id).update(status=status)
        version.card.refresh_from_db()
        return version

    return add


def ordered():
    """(function, arguments) of our tickets on the small-jobs queue, which is emptied."""
    queue = django_rq.get_queue("small")
    found = [(job.func_name, *job.args) for job in queue.jobs if job.func_name.startswith(sidecars.__name__)]
    queue.empty()
    return found


def work():
    for name, *ids in ordered():
        getattr(sidecars, name.rpartition(".")[2])(*ids)


def folders(kept):
    return sorted(path.parent.name for path in kept.folder.glob(f"*/{MANIFEST}"))


def test_a_model_that_is_added_is_converted_before_anybody_asks_for_it(add, kept):
    version = add()

    assert ordered() == [(sidecars.PREPARE, version.pk)]
    sidecars.prepare(version.pk)

    assert kept.known_keys() == {version.sha256}


def test_converting_it_again_changes_nothing(add, kept):
    version = add()
    work()
    [manifest] = kept.folder.glob(f"*/{MANIFEST}")
    before = manifest.stat().st_mtime_ns

    sidecars.prepare(version.pk)

    assert manifest.stat().st_mtime_ns == before


def test_a_version_is_converted_once_it_is_approved(add, kept, django_capture_on_commit_callbacks):
    version = add(status="draft")
    work()
    assert not folders(kept)

    with django_capture_on_commit_callbacks(execute=True):
        version.card.status = "published"
        version.card.save(update_fields=["status"])
    work()

    assert kept.known_keys() == {version.sha256}


def test_the_hub_tells_of_what_it_publishes(add):
    version = add()
    ordered()

    for hook in states.on_published:
        hook(version)

    assert ordered() == [(sidecars.PREPARE, version.pk)]


@pytest.mark.parametrize("status", ["draft", "inspecting", "waiting", "rejected"])
def test_nothing_is_ordered_for_a_version_that_is_not_on_offer(add, status, django_capture_on_commit_callbacks):
    version = add()
    ordered()

    with django_capture_on_commit_callbacks(execute=True):
        version.status = status
        version.save()

    assert ordered() == []


def test_counting_downloads_orders_nothing(add, django_capture_on_commit_callbacks):
    version = add()
    ordered()

    with django_capture_on_commit_callbacks(execute=True):
        version.save(update_fields=["downloads"])
        version.card.save(update_fields=["name"])

    assert ordered() == []


def test_a_checkpoint_that_is_deleted_leaves_no_sidecar(add, kept, django_capture_on_commit_callbacks):
    gone, stays = add(0), add(1)
    work()
    with django_capture_on_commit_callbacks(execute=True):
        gone.card.delete()
    assert ordered() == [(sidecars.SWEEP,)]

    sidecars.sweep()

    assert kept.known_keys() == {stays.sha256}


def test_parts_that_another_checkpoint_has_too_stay(add, kept, tiny_folders, tmp_path):
    alike = shutil.copytree(tiny_folders[0], tmp_path / "alike")
    shutil.copytree(tiny_folders[1] / "unet", alike / "unet", dirs_exist_ok=True)
    first, second = add(0), add(9, folder=alike)
    work()
    shared = kept.folder / next(name for name in folders(kept) if key_of(kept, name) == second.sha256)
    assert (shared / "vae.safetensors").stat().st_nlink == 2

    ModelVersion.objects.filter(pk=first.pk).delete()
    sidecars.sweep()

    assert folders(kept) == [shared.name]
    assert (shared / "vae.safetensors").stat().st_nlink == 1
    sidecars.loader(kept).load(sidecars.specs.checkpoint_ref(second))  # reads every part again


def key_of(kept, name):
    return next(one.content["key"] for one in kept._all() if one.path.name == name)


def test_a_checkpoint_that_cannot_be_read_is_left_to_whoever_draws_with_it(add, kept, tiny_folders, tmp_path, caplog):
    folder = shutil.copytree(tiny_folders[1], tmp_path / "spoilt")
    version = add(2, folder=folder)
    next(version.full_path.glob("unet/*.safetensors")).write_bytes(b"spoilt")

    sidecars.prepare(version.pk)

    assert "no sidecar of" in caplog.text
    assert not folders(kept)


def test_the_starters_are_not_worth_one(settings, monkeypatch, db):
    monkeypatch.setattr("generation.recipes.specs.Sidecars", Sidecars)
    services.register_starters()

    for version in ModelVersion.objects.all():
        sidecars.prepare(version.pk)

    assert not settings.SIDECARS_DIR.exists()


def test_the_command_and_the_tickets_make_the_same(add, kept):
    add()
    work()
    before = folders(kept)

    call_command("prepare_models")

    assert folders(kept) == before


def test_a_card_from_the_back_office_counts_too(kept, django_capture_on_commit_callbacks, tiny_folders):
    with django_capture_on_commit_callbacks(execute=True):
        card = ModelCardFactory(family="sd1")
        version, _created = services.add_version(card=card, path=tiny_folders[0], layout="diffusers")

    assert (sidecars.PREPARE, version.pk) in ordered()
