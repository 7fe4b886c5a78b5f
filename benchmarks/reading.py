"""Reading the next checkpoint ahead: how long do its weights take to read after that, and how long without?

    python -m benchmarks.reading --folder /path/on/a/disk [--gap 4] [--turns 3]

The sidecar of one random checkpoint of Stable Diffusion 1.5's size (made there unless it is there already, as by
benchmarks.switching). The system drops what it keeps of it in memory; then all of it is read, either at once or `gap`
seconds after the engine was told to read it ahead, which is what the job before it leaves. Wall seconds.
"""

import argparse
import statistics
import time
from pathlib import Path

from benchmarks.players import DTYPE, Player, forget_pages, ref_of

PIECE = 2**24  # bytes


def read(files):
    """Seconds that reading all of them takes."""
    began = time.perf_counter()
    for file in files:
        with file.open("rb") as stream:
            while stream.read(PIECE):
                pass
    return time.perf_counter() - began


def made(folder):
    """The files of the sidecar in `folder`, and a Loader that knows it."""
    from generation.engine import hardware, loading
    from generation.engine.sidecars import Sidecars

    sidecars = Sidecars(folder / "sidecars", max_bytes=10**11)
    if sidecars.peek(ref_of(folder, 0), DTYPE) is None:
        folder.mkdir(parents=True, exist_ok=True)
        maker = Player("maker", folder, 0, 0)
        maker.ask("checkpoint", 0)
        maker.ask("sidecar", 0)
        maker.close()
    loader = loading.Loader(hardware.detect("cpu", 1, DTYPE), 10**10, sidecars=sidecars)
    return sidecars.peek(ref_of(folder, 0), DTYPE).files, loader


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--gap", type=float, default=4)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    files, loader = made(options.folder)
    ratios = []
    for _turn in range(options.turns):
        forget_pages(files)
        cold = read(files)
        forget_pages(files)
        under_way = loader.read_ahead(ref_of(options.folder, 0))
        time.sleep(options.gap)
        ahead = read(files)
        ratios.append(ahead / cold)
        print(f"cold {cold:.2f} s   read ahead {ahead:.2f} s ({'under way' if under_way else 'refused'})", flush=True)
    size = sum(file.stat().st_size for file in files) / 1e9
    print(f"{size:.2f} GB: {statistics.median(ratios):.2f} of the time after {options.gap:g} s")


if __name__ == "__main__":
    main()
