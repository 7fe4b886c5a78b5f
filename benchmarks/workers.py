"""Three workers against one Redis and one database, one of them killed: every job done once, by whoever can.

    python -m benchmarks.workers [--jobs 30]

With DATABASE_URL set, on that database (empty, or left by an earlier run of this). Exit code 1 if any job was lost,
doubled, or drawn by a worker that said it cannot.
"""

import argparse
import os
import signal
import sys
from collections import Counter

from benchmarks import world

os.environ.update(MAX_JOBS_PER_DAY="0", MAX_WORK_PER_DAY="0", MAX_ACTIVE_JOBS="0", OMP_NUM_THREADS="1")


def versions():
    """The starter checkpoints; the last one belongs to a family of its own, which one worker alone draws with."""
    from models_hub.models import ModelCard, ModelVersion

    found = list(ModelVersion.objects.checkpoints().published().order_by("pk"))
    rare = found[-1]
    ModelCard.objects.filter(pk=rare.card_id).update(family="rare")
    return found[:-1], rare


def submit(owners, common, rare, number):
    """Every sixth job needs the rare family."""
    from generation import services

    fields = {"prompt": "a red apple", "steps": 8, "upscale": 1, "width": 128, "height": 128}
    return [
        services.submit_job(
            owner=owners[seed % len(owners)],
            version=rare if seed % 6 == 5 else common[seed % len(common)],
            seed=seed,
            **fields,
        )
        for seed in range(number)
    ]


def live():
    from generation.scheduling.workers_report import live_workers

    return [report for report in live_workers() if report.get("cache")]


def some_job_runs_at(keeper):
    """The process id of the keeper's child while it holds a job, else None."""
    from generation.models import Job

    pids = world.children(keeper.pid)
    holders = set(Job.objects.running().filter(stage="denoising").values_list("worker", flat=True))
    return next((pid for pid in pids for name in holders if name.endswith(f"-{pid}")), None)


def verdict(jobs, rare, specialist):
    """Print what became of the jobs; whether each was done once, the rare ones by the worker that can."""
    from gallery.models import Picture
    from generation.models import Job, Result

    rows = list(Job.objects.filter(pk__in=[job.pk for job in jobs]))
    states = Counter(job.state for job in rows)
    pictures = Picture.objects.filter(result__job__in=rows)
    files = sum(picture.path.exists() for picture in pictures)
    results = Result.objects.filter(job__in=rows).count()
    by = Counter(job.worker for job in rows)
    strayed = [job for job in rows if job.version_id == rare.pk and f"-{specialist.pid}-" not in job.worker]
    print(
        f"{len(rows)} jobs: {dict(states)}, {results} results, {files} files, {max(j.attempts for j in rows)} attempts"
    )
    print(f"drawn by {len(by)} processes: {sorted(by.values())}; by a worker that cannot: {len(strayed)}")
    return states == {"done": len(jobs)} and results == files == len(jobs) and not strayed and len(by) >= 3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=30)
    options = parser.parse_args()
    _redis, first = world.set_up()
    from accounts.models import User
    from generation.models import Job

    owners = [first, *(User.objects.create_user(f"{first}-{n}", "", "bench-password-1") for n in range(2))]
    common, rare = versions()
    keepers = [world.start_worker(RENDER_FAMILIES="starter") for _worker in range(2)]
    specialist = world.start_worker(RENDER_FAMILIES="starter,rare")
    world.wait_until(lambda: len(live()) == 3, 240)
    jobs = submit(owners, common, rare, options.jobs)
    world.wait_until(lambda: some_job_runs_at(keepers[0]), 120, 0.005)
    if victim := some_job_runs_at(keepers[0]):
        os.kill(victim, signal.SIGKILL)
        print("one worker killed while it drew")
    ids = [job.pk for job in jobs]
    took = world.wait_until(lambda: not Job.objects.active().filter(pk__in=ids).exists(), 400)
    print(f"all over after {took:.0f} s")
    sys.exit(0 if verdict(jobs, rare, specialist) else 1)


if __name__ == "__main__":
    main()
