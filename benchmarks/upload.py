"""A big file up through the real server by tus: throughput, memory of the web process, and whether it arrived whole.

`python -m benchmarks.upload --gb 5` (default 0.5). Needs twice the size on the disk of the temporary folder.
"""

import argparse
import hashlib
import os
import tempfile
import threading
import time
from pathlib import Path

import psutil
from tusclient.client import TusClient

from tests.uploads.test_stock_clients import SETUP, Web

MB = 2**20
CHUNK = 8 * MB
# What the web process may grow by, whatever the size of the file.
MOST_GROWTH = 64 * MB


def make(path, size):
    """Random where it is cheap, holes between: a megabyte of noise in every sixteen. Returns the SHA-256."""
    with open(path, "wb") as file:
        file.truncate(size)
        for start in range(0, size, 16 * MB):
            file.seek(start)
            file.write(os.urandom(min(MB, size - start)))
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Watch(threading.Thread):
    """The most memory that a process had (anonymous and file pages it has mapped), looked at ten times a second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.process, self.over = psutil.Process(pid), threading.Event()
        self.first = self.most = self.process.memory_info().rss

    def run(self):
        while not self.over.wait(0.1):
            self.most = max(self.most, self.process.memory_info().rss)


def warm_up(client, version, folder):
    """The first uploads load code; what they take is not the file's."""
    small = folder / "small.bin"
    small.write_bytes(os.urandom(3 * CHUNK))
    client.uploader(str(small), chunk_size=CHUNK, metadata={"name": "small.bin", "version": version}).upload()


def arrived_digest(web):
    code = """
    import hashlib
    from models_hub.models import ModelFile
    with ModelFile.objects.get(name="big.bin").full_path.open("rb") as file:
        print(hashlib.file_digest(file, "sha256").hexdigest())
    """
    return web.shell(code)


def measure(gigabytes, folder):
    size = int(gigabytes * 1024 * MB)
    web = Web(folder / "data")
    token, version = web.shell(SETUP).split()
    web.start()
    try:
        digest = make(folder / "big.bin", size)
        client = TusClient(f"{web.url}/uploads/", headers={"Authorization": f"Bearer {token}"})
        warm_up(client, version, folder)
        watch = Watch(web.process.pid)
        watch.start()
        begun = time.monotonic()
        told = {"name": "big.bin", "version": version}
        client.uploader(str(folder / "big.bin"), chunk_size=CHUNK, metadata=told).upload()
        seconds = time.monotonic() - begun
        watch.over.set()
        return size, seconds, watch.most - watch.first, arrived_digest(web) == digest
    finally:
        web.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gb", type=float, default=0.5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="visionary-upload-") as folder:
        size, seconds, growth, same = measure(asked.gb, Path(folder))
    print(f"{size / MB:,.0f} MB in {seconds:.1f} s: {size / MB / seconds:.0f} MB/s")
    print(f"web process grew by at most {growth / MB:.1f} MB (allowed: {MOST_GROWTH // MB} MB)")
    print("SHA-256 right" if same else "SHA-256 WRONG")
    return 0 if same and growth < MOST_GROWTH else 1


if __name__ == "__main__":
    raise SystemExit(main())
