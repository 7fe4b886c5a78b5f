"""How long and how much memory it takes to look at uploaded files: mutants, bombs, hostile pickles, a large file.

    python -m benchmarks.inspection [--mutants 10000] [--gigabytes 1]

Goals: no mutant over 1 s or 200 MB, a header of 88 MB refused in 0.2 s.
"""

import argparse
import io
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from models_hub.inspection import BadFile, sandbox
from models_hub.inspection.digests import digests
from models_hub.inspection.report import inspect_stream
from tests.inspection import hostile, mutants


def timed(deed):
    start = time.perf_counter()
    try:
        deed()
        said = "accepted"
    except BadFile as error:
        said = error.code
    return time.perf_counter() - start, said


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def of_mutants(number):
    dice, slowest, before = random.Random(20_261_122), (0.0, ""), peak()
    start = time.perf_counter()
    for _ in range(number):
        kind, raw = mutants.mutant(dice)
        seconds, said = timed(lambda raw=raw: inspect_stream(io.BytesIO(raw), "mutant"))
        slowest = max(slowest, (seconds, f"{kind}, {said}"))
    whole = time.perf_counter() - start
    print(
        f"{number} mutants: {whole:.1f} s, slowest {slowest[0] * 1000:.1f} ms ({slowest[1]}), +{peak() - before:.0f} MB"
    )


def of_hostile(folder):
    corpus, slowest = hostile.corpus(folder / "canary"), (0.0, "")
    for name, raw in corpus.items():
        path = folder / "model.safetensors"
        path.write_bytes(raw)
        seconds, said = timed(lambda path=path: sandbox.examine(path, path.name))
        slowest = max(slowest, (seconds, f"{name}, {said}"))
    ran = "ran!" if (folder / "canary").exists() else "none ran"
    print(f"{len(corpus)} hostile files in the sandbox: slowest {slowest[0]:.2f} s ({slowest[1]}), {ran}")


def of_bombs(folder):
    entry = b'"%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},'
    many = b"{" + b"".join(entry % number for number in range(1_500_000))[:-1] + b"}"
    for name, raw in {"1.5 million tensors": many, "25 MB note": b'{"a":"' + b"x" * 24_900_000 + b'"}'}.items():
        path = folder / "bomb.safetensors"
        path.write_bytes(len(raw).to_bytes(8, "little") + raw)
        code = (
            "import sys, time; from models_hub.inspection import inspect, BadFile; s = time.perf_counter()\n"
            "try: inspect(sys.argv[1])\n"
            "except BadFile as e: print(e.code, f'{time.perf_counter() - s:.3f} s')\n"
            "print(int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) // 1024, 'MB')"
        )
        done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
        print(f"{name} ({len(raw) / 1e6:.0f} MB header): {' '.join(done.stdout.split())}")


def of_hashes(folder, gigabytes):
    path, piece = folder / "large.safetensors", random.Random(1).randbytes(2**24)
    with path.open("wb") as file:
        for _ in range(int(gigabytes * 64)):
            file.write(piece)
    before = peak()
    with path.open("rb") as stream:
        seconds, _said = timed(lambda: digests(stream))
    megabytes = path.stat().st_size / 1e6
    print(f"five hashes of {megabytes:.0f} MB: {megabytes / seconds:.0f} MB/s, +{peak() - before:.0f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--gigabytes", type=float, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        of_mutants(asked.mutants)
        of_bombs(Path(name))
        of_hostile(Path(name))
        of_hashes(Path(name), asked.gigabytes)


if __name__ == "__main__":
    main()
