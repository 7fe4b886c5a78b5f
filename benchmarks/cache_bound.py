"""A cache of two checkpoints' size, 30 jobs over 3 checkpoints in random order: is the bound ever passed?

    python -m benchmarks.cache_bound [--jobs 30]

The worker is asked for its figures all the while. Prints what the cache did; exit code 1 if it held more than allowed.
"""

import argparse
import random
import shutil
import sys

from benchmarks import world
from benchmarks.kills import over, submit, verdict


def three_checkpoints():
    """The starter and two more with the same weights but other bytes, as three models of the hub."""
    from models_hub import services
    from models_hub.models import ModelCard

    versions = [world.starter()]
    for number in (2, 3):
        folder = world.DATA / f"copy-{number}"
        shutil.copytree(services.STARTERS / "starter-3d", folder)
        (folder / "note.txt").write_text(f"copy {number}")
        card = ModelCard.objects.create(
            name=f"Copy {number}", slug=f"copy-{number}", kind="checkpoint", family="starter", status="published"
        )
        versions.append(services.add_version(card=card, path=folder, layout="diffusers")[0])
    return versions


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=30)
    options = parser.parse_args()
    random.seed(1)
    _redis, owner = world.set_up()
    versions = three_checkpoints()
    # A starter takes twice its float16 bytes on disk when loaded as float32; two of them and a little.
    bound_mb = round(versions[0].size * 2 * 2.1 / 1024**2)
    world.start_worker(CHECKPOINT_CACHE_MB=str(bound_mb))
    defaults = {"steps": 4, "width": 128, "height": 128}
    jobs = [submit(owner, 1, version=random.choice(versions), **defaults)[0] for _ in range(options.jobs)]
    most = 0
    report = {}

    def looked():
        nonlocal most, report
        from generation.scheduling.workers_report import live_workers

        for worker in live_workers():
            if worker.get("cache"):
                report = worker["cache"]
                most = max(most, report["bytes"])
        return over(jobs)

    world.wait_until(looked, 600, 0.2)
    world.wait_until(lambda: looked() and report.get("hits", 0) + report.get("misses", 0) >= options.jobs, 30, 0.5)
    good = verdict("jobs over three checkpoints", jobs)
    print(f"bound {bound_mb} MB, most held {most / 1024**2:.0f} MB; {report}")
    sys.exit(0 if good and most <= bound_mb * 1024**2 else 1)


if __name__ == "__main__":
    main()
