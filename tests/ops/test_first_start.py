import shutil
from collections import namedtuple

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError

from tests.factories import UserFactory
from visionary.supervisor import StartRefused, first_start, preparing

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _no_given_administrator(monkeypatch):
    for part in ("USERNAME", "EMAIL", "PASSWORD"):
        monkeypatch.delenv(f"DJANGO_SUPERUSER_{part}", raising=False)


@pytest.mark.django_db
def test_a_new_site_gets_an_administrator_with_a_password_of_its_own():
    name, password = first_start.create_administrator()

    user = authenticate(username=name, password=password)
    assert (user.username, user.is_superuser, len(password) >= 12) == ("admin", True, True)


@pytest.mark.django_db
def test_a_site_with_an_administrator_gets_no_second_one():
    UserFactory(is_superuser=True)

    assert first_start.create_administrator() is None


@pytest.mark.django_db
def test_a_visitor_who_took_the_name_does_not_become_the_administrator():
    visitor = UserFactory(username="Admin")

    name, _ = first_start.create_administrator()

    visitor.refresh_from_db()
    assert name == "admin2"
    assert not visitor.is_superuser


@pytest.mark.django_db
def test_a_given_administrator_is_used(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", "boss")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "given-by-operator")

    assert first_start.create_administrator() == ("boss", None)
    assert authenticate(username="boss", password="given-by-operator")


def test_a_full_disk_stops_the_start_with_a_sentence(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(100, 0, 20 * 2**20))

    with pytest.raises(StartRefused, match=r"Only 20 MB are free.*Make room, or set DATA_DIR"):
        preparing.disk()


def test_a_data_folder_that_cannot_be_made_stops_the_start_with_a_sentence(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.DATA_DIR = tmp_path / "file" / "data"

    with pytest.raises(StartRefused, match="cannot be used: Not a directory"):
        preparing.disk()


@pytest.mark.django_db
def test_missing_starter_models_stop_the_start_with_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(preparing.services, "STARTERS", tmp_path)

    with pytest.raises(StartRefused, match=r"starter models cannot be used: .*manifest.json"):
        preparing.starters()


@pytest.mark.django_db
def test_weights_that_cannot_be_fetched_stop_the_start_with_a_sentence(monkeypatch):
    def fail(*args, **options):
        raise CommandError("No network: the weights could not be fetched.")

    monkeypatch.setattr(preparing, "call_command", fail)

    with pytest.raises(StartRefused, match="No network"):
        preparing.weights()
