"""12 jobs over 3 checkpoints of Stable Diffusion 1.5's size in mixed order: what does changing them cost?

    python -m benchmarks.switching [--folder /path/on/a/disk] [--keep] [--steps 4] [--side 128]

Writes three random fp16 files of 2.1 GB in the published layout (once, if --folder holds them already) and their
sidecars; needs 14 GB of disk and 12 GB of memory. Four processes of one thread each then take turns, so that all
meet the same machine:

  floor    bare diffusers, every checkpoint loaded once and kept, from the same sidecars
  engine   our Engine, with room for all three
  engine 1 our Engine with room for a single checkpoint: every change is a load
  reload   bare diffusers, from_single_file for every job

Compare CPU seconds; wall times are those of this machine at this moment. Goals: engine at most 1.15 x floor with
the same pictures, a warm job 5.5 CPU-s, the mix 70 CPU-s, a switch 0.5 s warm and 3 s cold, less anonymous memory than
the bound.
"""

import argparse
import json
import os
import shutil
import statistics
import tempfile
from pathlib import Path

from benchmarks.players import Player

ORDER = (0, 1, 2, 0, 2, 1, 0, 1, 2, 1, 2, 0)
SAME = 2  # of 255: rounding
KINDS = ("floor", "engine", "engine 1", "reload")


def main():
    options = parsed()
    folder = Path(options.folder or tempfile.mkdtemp(prefix="visionary-switching-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        prepare(folder)
        players = {kind: Player(kind, folder, options.steps, options.side) for kind in KINDS}
        results = {kind: [] for kind in KINDS}
        for turn, number in enumerate(ORDER):
            for kind, player in players.items():
                results[kind].append(player.ask("draw", number, turn))
            print(".", end="", flush=True)
        print()
        for kind in ("floor", "reload"):
            players.pop(kind).close()
        good = show(results)
        switches(players["engine 1"])
        for player in players.values():
            player.close()
    finally:
        if not options.keep and not options.folder:
            shutil.rmtree(folder, ignore_errors=True)
    raise SystemExit(0 if good else 1)


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", help="keep the checkpoints here (by default a temporary folder)")
    parser.add_argument("--keep", action="store_true", help="leave the temporary folder")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--side", type=int, default=128)
    return parser.parse_args()


def prepare(folder):
    """The three files and their sidecars; each made in a process of its own, so that its memory is its own."""
    for number in range(3):
        for what in ("checkpoint", "sidecar"):
            player = Player("maker", folder, 0, 0)
            made = player.ask(what, number)
            player.close()
            if made["fresh"]:
                print(f"{what} {number}: {figures(made)}, {made['bytes'] / 1e9:.2f} GB, {memory(made)}", flush=True)


def show(results):
    floor = sum(each["cpu"] for each in results["floor"])
    print(
        f"{'':9} {'12 jobs CPU-s':>13} {'wall s':>7} {'x floor':>7} {'warm job CPU-s':>14} {'peak RssAnon':>12}  bound"
    )
    for kind, jobs in results.items():
        cpu, wall = (sum(each[clock] for each in jobs) for clock in ("cpu", "wall"))
        warm = [each["cpu"] for each in jobs if each["hit"]]
        middle = f"{statistics.median(warm):.2f}" if warm else "-"
        bound = f"{jobs[0]['bound'] / 1e9:.2f} GB" if jobs[0]["bound"] else "-"
        peak = f"{max(each['peak_anonymous'] for each in jobs) / 1e9:.2f} GB"
        print(f"{kind:9} {cpu:13.1f} {wall:7.1f} {cpu / floor:7.2f} {middle:>14} {peak:>12}  {bound}")
    apart = {kind: max(difference(*both) for both in zip(jobs, results["floor"], strict=True))
             for kind, jobs in results.items()}  # fmt: skip
    print("furthest pixel from the floor's, of 255:", apart)
    print("loads:", {kind: sum(not each["hit"] for each in jobs) for kind, jobs in results.items()})
    print(json.dumps({kind: [round(each["cpu"], 2) for each in jobs] for kind, jobs in results.items()}))
    mix = sum(each["cpu"] for each in results["engine"])
    return max(apart.values()) <= SAME and mix <= 1.15 * floor


def difference(one, other):
    """How far two pictures are apart at most, of 255."""
    return max(abs(ours - theirs) for ours, theirs in zip(one["pixels"], other["pixels"], strict=True))


def switches(player):
    for how in ("warm", "cold"):
        tries = [player.ask("switch", number, how == "cold") for number in (1, 2, 0)]
        loads = [(each["load_cpu"], each["load_wall"]) for each in tries]
        firsts = [(each["first_cpu"], each["first_wall"]) for each in tries]
        again = [(each["second_cpu"], each["second_wall"]) for each in tries]
        print(f"switch {how}: load {middle(loads)}; first job after it {middle(firsts)}, the next {middle(again)}")


def middle(pairs):
    cpu, wall = (statistics.median(values) for values in zip(*pairs, strict=True))
    return f"{cpu:.2f} CPU-s ({wall:.2f} s)"


def figures(made):
    return f"{made['cpu']:.1f} CPU-s, {made['wall']:.1f} s"


def memory(made):
    return f"peak RssAnon {made['peak_anonymous'] / 1e9:.2f} GB"


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    main()
