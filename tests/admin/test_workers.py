"""The page of workers shows what they report, and stays friendly when there is nothing to show."""

import pytest
from django.urls import reverse
from redis.exceptions import ConnectionError

from generation.models import Job
from generation.scheduling import workers_report
from tests.admin.conftest import allow
from tests.factories import JobFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db
PAGE = "admin:workers"


@pytest.fixture
def worker():
    version = ModelVersionFactory()
    job = JobFactory(version=version, state=Job.State.RUNNING, prompt="a very red apple")
    cache = {"bytes": 60, "max_bytes": 100, "hits": 3, "misses": 1, "evictions": 2, "load_seconds": 1.5}
    cache["resident"] = [{"key": version.sha256, "bytes": 60, "family": "starter"}]
    facts = {"device": "cpu", "dtype": "float32", "threads": 2, "memory": {"process": 10, "free": 20}}
    workers_report.publish("host-1-2", {**facts, "cache": cache, "job": str(job.pk)})
    yield version
    workers_report.withdraw("host-1-2")


def test_a_worker_is_shown_with_its_checkpoints_and_job(office, worker):
    page = office.get(reverse(PAGE)).content.decode()

    for words in ("host-1-2", str(worker), "60 %", "Hits 3 (75 %), misses 1, evictions 2", "a very red apple"):
        assert words in page


def test_the_part_refreshes_itself_without_the_frame(office, worker):
    part = office.get(reverse(PAGE), {"part": 1}).content.decode()

    assert "host-1-2" in part
    assert "<html" not in part


def test_a_worker_before_its_first_job_has_no_cache(office):
    workers_report.publish("host-3-4", {"job": None, "cache": None})

    assert "No checkpoint has been loaded yet" in office.get(reverse(PAGE)).content.decode()
    workers_report.withdraw("host-3-4")


def test_without_workers_the_page_says_how_to_start_one(office):
    assert "manage.py work render" in office.get(reverse(PAGE)).content.decode()


@pytest.fixture
def without_redis(monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr("redis.connection.ConnectionPool.get_connection", refuse)


def test_administrators_are_led_to_the_queues_in_detail(office):
    assert 'href="/admin/queues/"' in office.get(reverse(PAGE)).content.decode()
    for page in ("/admin/queues/", "/admin/queues/queues/0/", "/admin/queues/stats.json"):
        assert office.get(page).status_code == 200


def test_the_queues_in_detail_are_closed_to_others(client, helper):
    assert client.get("/admin/queues/").url == "/accounts/login/?next=/admin/queues/"
    allow(helper, "generation.view_job")
    client.force_login(helper)

    assert "/admin/queues/" not in client.get(reverse(PAGE)).content.decode()
    for page in ("/admin/queues/", "/admin/queues/queues/0/", "/admin/queues/stats.json"):
        assert client.get(page).status_code == 403


def test_without_redis_the_queues_say_so(office, without_redis):
    for page in ("/admin/queues/", "/admin/queues/queues/0/"):
        answer = office.get(page)

        assert answer.status_code == 503
        assert "Redis does not answer" in answer.content.decode()


def test_without_redis_the_page_says_so(office, without_redis):
    answer = office.get(reverse(PAGE))

    assert answer.status_code == 200
    assert "Redis does not answer" in answer.content.decode()
    assert office.get("/admin/").status_code == 200
