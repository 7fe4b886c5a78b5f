"""Where Redis is: one address gives three databases, for the queue, the cache and the channels."""

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

# sockaddr_un holds 108 bytes on Linux and 104 on macOS, the final NUL included.
LONGEST_SOCKET_PATH = 100


def run_dir(data_dir: Path) -> Path:
    """The private folder of sockets; in the temporary folder when `data_dir` is too deep for a socket."""
    near = data_dir / "run"
    if len(os.fsencode(near / "redis.sock")) <= LONGEST_SOCKET_PATH:
        return near
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"visionary-{os.getuid()}-{name}"


def three(url: str, cache_url: str, run: Path, offset: int) -> tuple[str, str, str]:
    """Addresses for queue, cache and channels. With no `url` they point at the bundled server's socket."""
    url = url or f"unix://{run / 'redis.sock'}"
    cache = with_db(cache_url, 0) if cache_url else with_db(url, offset + 1)
    return with_db(url, offset), cache, with_db(url, offset + 2)


def with_db(url: str, number: int) -> str:
    """The same server, database `number`."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return urlunsplit(parts._replace(path=f"/{number}"))
