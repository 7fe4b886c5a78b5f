"""The web process alone: what it refuses, and how much memory it needs for it."""

import http.client
import os
import socket
import subprocess
import sys
import time

import psutil
import pytest

from tests.ops.running_site import free_port, wait_until
from visionary.env import ROOT

pytestmark = pytest.mark.services
MB = 2**20
FILE_SIZE = 512 * MB
# What one slow download may cost: a few buffers and pieces. Without back-pressure it is FILE_SIZE.
DOWNLOAD_MEMORY = 48 * MB


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    big = tmp_path_factory.mktemp("files") / "big.bin"
    with big.open("wb") as file:
        file.truncate(FILE_SIZE)
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1", "BIG_FILE": str(big), "MAX_BODY_MB": "8"}
    process = subprocess.Popen([sys.executable, "-m", "tests.ops.big_answers"], cwd=ROOT, env=environment)
    wait_until(lambda: process.poll() is not None or listens(port), 60)
    assert process.poll() is None
    yield port, psutil.Process(process.pid)
    process.terminate()
    assert process.wait(10) == 0


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ask(server, method, path, body=None, headers=None, **options):
    connection = http.client.HTTPConnection("127.0.0.1", server[0], timeout=60)
    connection.request(method, path, body, headers or {}, **options)
    return connection.getresponse()


def test_a_request_reaches_the_view_and_its_answer_comes_back(server):
    answer = ask(server, "POST", "/echo", b"x" * 5 * MB, {"X-Word": "hello"})

    assert (answer.status, answer.reason) == (429, "Too Many Requests")
    assert (answer.read(), answer.headers["Set-Cookie"]) == (b"5242880 hello", "a=1")


def test_a_body_over_the_limit_is_refused_before_it_is_sent(server):
    with socket.create_connection(("127.0.0.1", server[0]), timeout=30) as client:
        client.sendall(b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n")

        answer = http.client.HTTPResponse(client)
        answer.begin()

        assert answer.status == 413
        assert answer.read() == b"This request is too big: at most 8 MB are accepted."


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/echo?" + "x" * 17_000, {}, 414),
        ("/echo?" + "x" * 2 * MB, {}, 414),
        ("/echo", {"X-Word": "x" * 17_000}, 431),
        ("/echo", {f"X-Word-{number}": "x" * 8_000 for number in range(3)}, 431),
        ("/echo?" + "x" * 15_000, {}, 429),  # the page's own answer: what is long but allowed gets through
    ],
)
def test_an_address_or_headers_over_the_limit_are_answered(server, path, headers, status):
    answer = ask(server, "GET", path, headers=headers)

    assert answer.status == status
    assert status == 429 or b"too long: at most 16 KB" in answer.read()


@pytest.mark.parametrize("chunked", [True, False])
def test_a_client_that_sends_too_much_reads_why(server, chunked):
    pieces = (bytes(MB) for _ in range(20))
    headers = {} if chunked else {"Content-Length": str(20 * MB)}
    before = server[1].memory_info().rss

    answer = ask(server, "POST", "/echo", pieces, headers, encode_chunked=chunked)

    assert answer.status == 413
    assert server[1].memory_info().rss - before < 32 * MB


@pytest.mark.parametrize("path", ["/ranged", "/plain", "/generated"])
def test_a_slow_download_costs_little_memory_and_arrives_whole(server, path):
    before = server[1].memory_info().rss
    answer = ask(server, "GET", path)
    received = len(answer.read(MB))
    most = 0
    for _ in range(20):
        received += len(answer.read(MB))
        time.sleep(0.05)
        most = max(most, server[1].memory_info().rss - before)

    while piece := answer.read(8 * MB):
        received += len(piece)

    assert received == FILE_SIZE
    assert most < DOWNLOAD_MEMORY


def test_a_download_broken_off_stops_being_read(server):
    answer = ask(server, "GET", "/plain")
    answer.read(MB)

    answer.close()

    def closed():
        return not any(file.path.endswith("big.bin") for file in server[1].open_files())

    wait_until(closed, 20, lambda: "the file is still open")


def test_a_range_comes_through_the_server(server):
    answer = ask(server, "GET", "/ranged", headers={"Range": "bytes=100-199"})

    assert (answer.status, answer.headers["Content-Range"]) == (206, f"bytes 100-199/{FILE_SIZE}")
    assert answer.read() == bytes(100)
