"""`manage.py run`, as an operator meets it."""

import ast
import os
import re
import signal
import socket

import psutil
import pytest

from tests.ops.running_site import RunningSite, alive, wait_until

pytestmark = pytest.mark.services
# What the site promises: everything is gone within this many seconds of SIGTERM.
STOP_SECONDS = 10

# Enough work for a minute; returns as soon as the worker is at it.
BUSY = """
import time
from accounts.models import User
from generation import services
from generation.models import Job
from models_hub.models import ModelVersion
user = User.objects.create_user("busy")
version = ModelVersion.objects.filter(card__kind="checkpoint").first()
for seed in range(4):
    asked = {"prompt": "a red apple", "steps": 60, "width": 192, "height": 192, "count": 4, "seed": seed}
    services.submit_job(owner=user, version=version, **asked)
while not Job.objects.filter(state="running").exists():
    time.sleep(0.1)
"""
STATES = "from generation.models import Job; print(sorted(Job.objects.values_list('state', flat=True)))"


def test_the_first_start_serves_pages_and_tells_the_administrator_once(tmp_path):
    with RunningSite(tmp_path / "data") as site:
        site.ready()
        password = re.search(r"Password +(\S{12,})", site.output)[1]
        assert f"Ready: {site.url}" in site.output
        assert site.get("/")[0] == 200
        check = (
            f"from accounts.models import User; print(User.objects.get(username='admin').check_password('{password}'))"
        )
        assert site.shell(check) == "True"
        assert site.stop() == 0

        site.start().ready()

        assert "Password" not in site.output
        assert re.search(r"Database \.+ up to date", site.output)
        assert re.search(r"Static files \.+ unchanged", site.output)
        assert site.stop(signal.SIGINT) == 0


def test_a_given_administrator_is_used_and_the_password_not_told(tmp_path):
    given = {"DJANGO_SUPERUSER_USERNAME": "boss", "DJANGO_SUPERUSER_PASSWORD": "kept-to-ourselves"}
    with RunningSite(tmp_path / "data", **given) as site:
        site.ready()

        assert "boss" in site.output
        assert "kept-to-ourselves" not in site.output


def test_stopping_mid_job_leaves_no_process_and_the_job_in_the_queue(tmp_path):
    with RunningSite(tmp_path / "data") as site:
        site.ready().shell(BUSY)
        site.processes()

        site.process.terminate()
        site.process.wait(STOP_SECONDS)

        assert site.survivors() == []
        assert site.wait() == 0
        assert "did not stop in time" not in site.output
        states = ast.literal_eval(site.shell(STATES))
        assert set(states) <= {"queued", "done"}
        assert "queued" in states


def test_a_killed_supervisor_leaves_no_process(tmp_path):
    with RunningSite(tmp_path / "data") as site:
        site.ready()

        site.process.kill()

        wait_until(lambda: not site.survivors(), 10, lambda: f"still there: {site.survivors()}")
        site.start().ready()
        assert site.stop() == 0


# With REDIS_URL the site starts no Redis of its own.
PARTS = [*([] if os.environ.get("REDIS_URL") else ["redis-server"]), "visionary.serve", "work render"]


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_process_comes_back(site, part):
    before = {process.pid for process in site.named(part)}
    victim, told = site.named(part)[0], len(site.lines)

    victim.kill()

    wait_until(lambda: "it starts again in" in "".join(site.lines[told:]), 30, lambda: site.output)
    wait_until(lambda: {process.pid for process in site.named(part)} - before, 60)
    wait_until(lambda: site.json("/readyz").get("status") == "ok", 90, lambda: site.output)
    assert not alive(victim)


def test_a_taken_port_is_told_in_one_sentence(tmp_path):
    with RunningSite(tmp_path / "data") as site, socket.socket() as other:
        site.kill_all()
        other.bind(("127.0.0.1", site.port))
        other.listen()

        assert site.start().wait() == 1

        assert f"Port {site.port} on 127.0.0.1 is taken by another program" in site.lines[-1]
        assert "set PORT" in site.lines[-1]


def test_a_second_start_with_the_same_data_is_refused(site):
    second = RunningSite(site.environment["DATA_DIR"])
    with second:
        assert second.wait() == 1

    assert "already running with the data folder" in second.lines[-1]
    assert psutil.pid_exists(site.process.pid)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("PORT", "70000", "between 1 and 65535"),
        ("PORT", "eighty", "PORT must be a whole number"),
        ("HOST", "no.such.host.invalid", "no address of this machine"),
        ("REDIS_URL", "redis://127.0.0.1:1", "Redis does not answer"),
    ],
)
def test_a_wrong_setting_is_told_in_one_sentence(tmp_path, setting, value, words):
    with RunningSite(tmp_path / "data", **{setting: value}) as site:
        assert site.wait() == 1

    assert words in site.lines[-1]
    assert "Traceback" not in site.output
