"""How soon a ban ends what is under way, on real processes: web server, worker, socket.

    python -m benchmarks.ban [--rounds 5]

Prints the slowest time of each thing over all rounds; exit code 1 if one took longer than a second.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import sys
import time

from benchmarks import world

PASSWORD = "bench-password-1"
LIMIT = 1.0  # seconds
CLOSE = 8  # opcode of the frame that ends a socket (RFC 6455)


def sign_in(name):
    """A cookie header of a browser that has signed in as `name`."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from accounts.models import User

    user, session = User.objects.get(username=name), SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def status(port, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers=headers)
    return connection.getresponse().status


async def socket_of(port, cookie):
    """An open socket as raw streams: the handshake by hand, as no client library is installed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [
        "GET /ws/jobs/ HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: http://127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        f"Cookie: {cookie}",
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in head.splitlines()[0], head
    await frame(reader)  # the first snapshot: the consumer runs
    return reader, writer


async def frame(reader):
    """The opcode of the next frame; its payload is read and forgotten."""
    first, length = await reader.readexactly(2)
    if length > 125:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8), "big")
    await reader.readexactly(length)
    return first & 15


async def closed_after(reader, began):
    # The server says so, or hangs up without a word.
    with contextlib.suppress(ConnectionResetError, asyncio.IncompleteReadError):
        while await frame(reader) != CLOSE:
            pass
    return time.monotonic() - began


def until(condition, began, seconds=15):
    world.wait_until(condition, seconds, every=0.005)
    return time.monotonic() - began


def one_round(number, port, boss):
    """{what: seconds from the ban until it has ended}."""
    from django.utils import timezone

    from accounts import sanctions
    from accounts.models import ApiToken, User
    from accounts.reset import TokenGenerator
    from generation import services
    from generation.models import Job
    from models_hub.models import Upload

    user = User.objects.create_user(f"banned{number}", f"b{number}@example.org", PASSWORD)
    cookie = sign_in(user.username)
    bearer = f"Bearer {ApiToken.issue(user, 'bench')[1]}"
    fields = {"owner": user, "version": world.starter(), "prompt": "a red apple", "steps": 60, "upscale": 1, "count": 4}
    running, waiting = services.submit_job(**fields), services.submit_job(**fields | {"prompt": "a pear"})
    behind = services.submit_job(**fields | {"owner": boss, "steps": 1, "count": 1})
    expires = timezone.now() + timezone.timedelta(days=1)
    upload = Upload.objects.create(owner=user, name="x.safetensors", length=10, expires_at=expires)
    link = TokenGenerator().make_token(user)
    world.wait_until(lambda: Job.objects.filter(pk=running.pk, stage="denoising", step__gt=2).exists(), 120, every=0.01)
    assert status(port, "/settings/", Cookie=cookie) in {200, 302}
    assert status(port, "/api/me/", Authorization=bearer) == 200

    async def with_socket():
        reader, writer = await socket_of(port, cookie)
        await asyncio.sleep(1)  # its watcher has joined the group
        began = time.monotonic()
        hearing = asyncio.create_task(closed_after(reader, began))
        await asyncio.to_thread(sanctions.ban, user=user, reason="Spam", by=boss)
        rest = asyncio.create_task(asyncio.to_thread(the_rest, began))
        found = {"open socket": await asyncio.wait_for(hearing, 20), **await rest}
        writer.close()
        return found

    def the_rest(began):
        row = User.objects.get(pk=user.pk)
        return {
            "web session": until(lambda: status(port, "/api/me/", Cookie=cookie) in {401, 403}, began),
            "remember-me": until(lambda: status(port, "/settings/profile/", Cookie=cookie) == 302, began),
            "API token": until(lambda: status(port, "/api/me/", Authorization=bearer) == 403, began),
            "waiting job": until(lambda: over(waiting), began),
            "running job": until(lambda: over(running), began),
            "upload": until(lambda: not Upload.objects.filter(pk=upload.pk, state="receiving").exists(), began),
            "reset link": until(lambda: not TokenGenerator().check_token(row, link), began),
            "worker free for others": until(lambda: begun(behind), began),
        }

    return asyncio.run(with_socket())


def over(job):
    from generation.models import Job

    return Job.objects.filter(pk=job.pk, state=Job.State.CANCELLED).exists()


def begun(job):
    from generation.models import Job

    return Job.objects.filter(pk=job.pk).exclude(started_at=None).exists()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    world.set_up()
    world.start_worker()
    port = world.start_web()
    from accounts.models import User

    boss = User.objects.create_superuser("boss", "boss@example.org", PASSWORD)
    slowest: dict[str, float] = {}
    for number in range(rounds):
        for what, seconds in one_round(number, port, boss).items():
            slowest[what] = max(slowest.get(what, 0), seconds)
    for what, seconds in slowest.items():
        print(f"{what}: {seconds * 1000:.0f} ms at most")
    print(json.dumps({"rounds": rounds, "things": len(slowest), "slowest": round(max(slowest.values()), 3)}))
    sys.exit(max(slowest.values()) > LIMIT)


if __name__ == "__main__":
    main()
