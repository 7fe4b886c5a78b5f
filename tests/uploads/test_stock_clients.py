"""The site as real processes, and clients as they are sold: tuspy, whatever dies meanwhile."""

import contextlib
import hashlib
import os
import random
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from tests.ops.running_site import free_port, wait_until
from visionary.env import ROOT

pytestmark = pytest.mark.services
SIZE = 3 * 2**20
CHUNK = 64 * 1024
KILLS = 20
SETUP = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from accounts.models import ApiToken
from models_hub.models import ModelVersion
from tests.factories import ModelVersionFactory, UserFactory
owner = UserFactory(username="owner")
card = {"card__owner": owner, "card__slug": "mine", "card__status": "draft"}
version = ModelVersionFactory(status="draft", path="", layout="", sha256=None, **card)
print(ApiToken.issue(owner, "test")[1], version.pk)
"""
# A client in a process of its own, so that it can be killed.
CLIENT = """
import sys
from tusclient.client import TusClient
url, token, path, resume, chunk = sys.argv[1:]
client = TusClient(url + "/uploads/", headers={"Authorization": "Bearer " + token})
sending = client.uploader(path, chunk_size=int(chunk), url=resume, upload_checksum=True)
print("ready", flush=True)
while sending.offset < sending.get_file_size():
    sending.upload_chunk()
"""


class Web:
    """The web process alone, on a data folder of its own; it can be killed and started again."""

    def __init__(self, folder):
        self.port, self.process = free_port(), None
        self.url = f"http://127.0.0.1:{self.port}"
        own = {
            "DATA_DIR": str(folder),
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "NO_PROXY": "*",
            "DATABASE_URL": "",
        }
        self.environment = {**os.environ, **own}

    def shell(self, code):
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", textwrap.dedent(code)]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().splitlines()[-1]

    def start(self):
        self.process = subprocess.Popen([sys.executable, "-m", "visionary.serve"], cwd=ROOT, env=self.environment)
        wait_until(self.answers, 120)

    def answers(self):
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.ConnectionError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    running = Web(tmp_path_factory.mktemp("web"))
    token, version = running.shell(SETUP).split()
    running.token, running.version = token, version
    running.start()
    yield running
    running.kill()


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "random.safetensors"
    path.write_bytes(random.Random(7).randbytes(SIZE))
    return path


def uploader(web, path, **options):
    client = TusClient(f"{web.url}/uploads/", headers={"Authorization": f"Bearer {web.token}"})
    told = {"name": path.name, "version": web.version}
    return client.uploader(str(path), chunk_size=CHUNK, metadata=told, **options)


def digest_of_listed(web):
    """The SHA-256 of the bytes of the newest file of the version, or "none" when there is no file."""
    code = """
    import hashlib
    from models_hub.models import ModelFile
    file = ModelFile.objects.order_by("-pk").first()
    print(hashlib.sha256(file.full_path.read_bytes()).hexdigest() if file else "none")
    """
    return web.shell(code)


def files_listed(web):
    database = Path(web.environment["DATA_DIR"]) / "db.sqlite3"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT COUNT(*) FROM models_hub_modelfile").fetchone()[0]


@pytest.mark.parametrize("checked", [False, True])
def test_tuspy_sends_a_file(web, model, checked):
    uploader(web, model, upload_checksum=checked).upload()

    assert digest_of_listed(web) == hashlib.sha256(model.read_bytes()).hexdigest()


def test_tuspy_stops_and_goes_on_elsewhere(web, model):
    first = uploader(web, model)
    first.upload(stop_at=SIZE // 3)

    uploader(web, model, url=first.url).upload()

    assert digest_of_listed(web) == hashlib.sha256(model.read_bytes()).hexdigest()


def test_a_piece_over_the_limit_is_refused_by_the_server_itself(web, tmp_path):
    path = tmp_path / "big.bin"
    path.write_bytes(b"\0" * (17 * 2**20))
    sending = TusClient(f"{web.url}/uploads/", headers={"Authorization": f"Bearer {web.token}"}).uploader(
        str(path), metadata={"name": "big.bin"}
    )

    with pytest.raises((TusCommunicationError, requests.ConnectionError)):
        sending.upload()
    assert requests.head(sending.url, headers=sending.get_headers(), timeout=30).headers["Upload-Offset"] == "0"


def test_killed_at_twenty_random_points_it_arrives_whole(web, model):
    dice = random.Random(20)
    before = files_listed(web)
    begun = uploader(web, model)
    begun.set_url(begun.create_url())
    for number in range(KILLS):
        if arrived(web, begun) == SIZE:
            break
        kill_once(web, model, begun.url, server=number % 2, after=dice.randrange(2 * CHUNK))
        assert arrived(web, begun) == SIZE or files_listed(web) == before

    uploader(web, model, url=begun.url).upload()

    assert files_listed(web) == before + (before == 0)
    assert digest_of_listed(web) == hashlib.sha256(model.read_bytes()).hexdigest()


def arrived(web, sending):
    return int(requests.head(sending.url, headers=sending.get_headers(), timeout=30).headers["Upload-Offset"])


def kill_once(web, path, url, *, server, after):
    """Let a client send, and kill it or the server once `after` more bytes lie on the disk."""
    command = [sys.executable, "-c", CLIENT, web.url, web.token, str(path), url, str(CHUNK)]
    client = subprocess.Popen(
        command, env=web.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    begun = bytes_lying(web, url)
    client.stdout.readline()
    wait_until(lambda: client.poll() is not None or bytes_lying(web, url) > begun + after, 60)
    if server:
        web.kill()
    client.kill()
    client.wait()
    if server:
        web.start()


def bytes_lying(web, url):
    """Bytes of the upload at `url` in the quarantine folder."""
    key = url.rstrip("/").split("/")[-1]
    path = Path(web.environment["DATA_DIR"]) / "quarantine" / key[:2] / key
    return path.stat().st_size if path.exists() else 0
