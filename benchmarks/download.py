"""A big file downloaded from a running site: throughput, and the memory of the web process, at several sizes.

    python -m benchmarks.download [--megabytes 256 5000] [--clients 2]

The file is random, published in MODELS_DIR; every client reads all of it and compares its SHA-256. Memory that grows
with the size of the file would show between the lines.
"""

import argparse
import hashlib
import http.client
import os
import threading
import time

from benchmarks import world

PIECE = 4 * 2**20


def publish(megabytes):
    """A published version of so many megabytes. Returns (address, SHA-256)."""
    from django.conf import settings

    from models_hub.models import ModelCard, ModelFile, ModelVersion

    name = f"big-{megabytes}.safetensors"
    settings.MODELS_DIR.mkdir(parents=True, exist_ok=True)
    path, digest = settings.MODELS_DIR / name, hashlib.sha256()
    with path.open("wb") as file:
        for _piece in range(max(1, megabytes * 1_000_000 // PIECE)):
            data = os.urandom(PIECE)
            digest.update(data)
            file.write(data)
    card = ModelCard.objects.create(name=name, slug=f"big-{megabytes}", kind="lora", family="sd1", status="published")
    version = ModelVersion.objects.create(card=card, layout="single", path=name, sha256=digest.hexdigest())
    size = path.stat().st_size
    row = ModelFile.objects.create(version=version, name=name, size=size, sha256=digest.hexdigest())
    return f"/models/{card.slug}/files/{row.pk}/{name}", digest.hexdigest()


def download(port, address, found):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("GET", address)
    answer, digest = connection.getresponse(), hashlib.sha256()
    while data := answer.read(PIECE):
        digest.update(data)
    found.append((answer.status, digest.hexdigest(), answer.headers["ETag"]))


def memory(pid):
    """Bytes that the largest web process below `pid` holds."""
    import psutil

    return max(child.memory_info().rss for child in psutil.Process(pid).children(recursive=True))


def measure(port, pid, megabytes, clients):
    address, sha256 = publish(megabytes)
    found, peak, began = [], memory(pid), time.perf_counter()
    threads = [threading.Thread(target=download, args=(port, address, found)) for _client in range(clients)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        peak = max(peak, memory(pid))
        time.sleep(0.05)
    seconds = time.perf_counter() - began
    assert found == [(200, sha256, f'"{sha256}"')] * clients, found
    print(
        f"{megabytes:>9}{clients:>9}{seconds:>10.1f}{megabytes * clients / seconds:>8.0f}{peak / 1e6:>14.0f}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[256, 5000])
    parser.add_argument("--clients", type=int, default=2)
    options = parser.parse_args()
    world.set_up()
    port = world.start_web()
    pid = world._processes[-1].pid
    print(f"{'megabytes':>9}{'clients':>9}{'seconds':>10}{'MB/s':>8}{'web MB (peak)':>14}")
    for megabytes in options.megabytes:
        measure(port, pid, megabytes, 1)
        if options.clients > 1:
            measure(port, pid, megabytes + 1, options.clients)


if __name__ == "__main__":
    main()
