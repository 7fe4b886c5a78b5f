import shutil
from collections import namedtuple

import pytest
import redis
from django.db import OperationalError, connection

from generation.scheduling import workers_report
from visionary.common import health

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def worker():
    workers_report.publish("box-1-2", {"job": None})
    yield
    workers_report.withdraw("box-1-2")


@pytest.mark.django_db
def test_a_site_with_all_its_parts_is_ready(client, worker):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "redis": "ok", "worker": "ok", "disk": "ok"}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_a_site_without_a_worker_is_alive_but_not_ready(client):
    assert client.get("/healthz").json() == {"status": "ok"}

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["worker"] == "no render worker has reported for half a minute"
    assert answer.json()["database"] == "ok"


@pytest.mark.django_db
def test_a_lost_database_is_named(client, worker, monkeypatch):
    def lost(*args):
        raise OperationalError("gone away")

    monkeypatch.setattr(connection, "cursor", lost)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["database"] == "the database does not answer: OperationalError"


def test_a_lost_redis_is_named():
    assert health.queue(redis.Redis(port=1)) == "Redis does not answer: ConnectionError"


def test_a_full_disk_is_named(tmp_path, monkeypatch):
    assert health.disk(tmp_path) is None
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(100, 0, 5 * 2**20))

    assert health.disk(tmp_path) == "only 5 MB are free for data"


def test_a_missing_data_folder_is_named(tmp_path):
    assert health.disk(tmp_path / "nowhere") == "the data folder cannot be read: No such file or directory"


@pytest.mark.django_db
def test_probes_are_not_sent_to_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/healthz").status_code == 200
