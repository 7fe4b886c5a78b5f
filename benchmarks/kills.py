"""Jobs under fire: the worker killed, Redis emptied, a job that always kills. Nothing lost, nothing twice.

    python -m benchmarks.kills [--jobs 50]

Prints one line per experiment; exit code 1 if any job was lost or doubled.
"""

import argparse
import os
import random
import signal
import sys
import time

from benchmarks import world

# Steps of a job that is to be killed, and the latest at which it is: about 20 are drawn in a second.
LONG, LATEST = 60, 50


def submit(owner, number, **fields):
    from generation import services

    defaults = {"prompt": "a red apple", "steps": 20, "upscale": 1}
    fields = {"version": world.starter(), **defaults, **fields}
    return [
        services.submit_job(
            owner=owner,
            **{name: value(seed) if callable(value) else value for name, value in fields.items()},
            seed=seed,
        )
        for seed in range(number)
    ]


def over(jobs):
    from generation.models import Job

    return not Job.objects.active().filter(pk__in=[job.pk for job in jobs]).exists()


def verdict(name, jobs, extra=""):
    """Print what became of `jobs`; returns whether each is done once, with one file."""
    from gallery.models import Picture
    from generation.models import Job, Result

    ids = [job.pk for job in jobs]
    done = Job.objects.filter(pk__in=ids, state=Job.State.DONE).count()
    results = Result.objects.filter(job__in=ids).count()
    files = sum(picture.path.exists() for picture in Picture.objects.filter(result__job__in=ids))
    attempts = max(Job.objects.filter(pk__in=ids).values_list("attempts", flat=True))
    print(
        f"{name}: {len(ids)} jobs, {done} done, {results} pictures, {files} files, most attempts {attempts}. {extra}",
        flush=True,
    )
    return done == results == files == len(ids)


def is_in(job, **fields):
    from generation.models import Job

    return Job.objects.filter(pk=job.pk, **fields).exists()


def kill_in_each(owner, jobs):
    """One SIGKILL of the process that draws, at a random step of every job."""
    keeper = world.start_worker()
    # Each with a guidance of its own: none can be drawn in one call with another and die of its death.
    queued = submit(owner, jobs, steps=LONG, guidance=lambda seed: 2 + seed / 100)
    killed, recoveries = {}, {}
    while not over(queued):
        note_recoveries(killed, recoveries)
        victim = next((job for job in running(queued) if job.pk not in killed), None)
        if victim is None or not reaches(victim, random.randrange(LATEST), killed, recoveries):
            time.sleep(0.02)
            continue
        victims = world.children(keeper.pid)
        if random.random() < 0.2:
            # The keeper too: only the lease is left to tell.
            os.kill(keeper.pid, signal.SIGKILL)
            keeper = None
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        killed[victim.pk] = time.monotonic()
        keeper = keeper or world.start_worker()
    note_recoveries(killed, recoveries)
    slowest = max(recoveries.values(), default=0)
    good = verdict("worker killed in each job", queued, f"{len(killed)} kills, slowest recovery {slowest:.1f} s")
    return good and slowest <= 30, keeper


def running(jobs):
    from generation.models import Job

    return list(Job.objects.running().filter(pk__in=[job.pk for job in jobs]).order_by("started_at"))


def reaches(job, step, killed, recoveries):
    """Wait until the job is at `step`; False when it is over before."""
    while is_in(job, state="running", step__lt=step):
        note_recoveries(killed, recoveries)
        time.sleep(0.02)
    return is_in(job, state="running")


def note_recoveries(killed, recoveries):
    """Seconds from a job's kill until it was in the queue, or with another worker, again."""
    from generation.models import Job

    waiting = [pk for pk in killed if pk not in recoveries]
    lost = set(Job.objects.running().filter(pk__in=waiting, attempts=1).values_list("pk", flat=True))
    recoveries |= {pk: time.monotonic() - killed[pk] for pk in waiting if pk not in lost}


def empty_redis(owner, redis):
    """FLUSHALL, then SIGKILL and a restart of Redis, with jobs waiting."""
    import redis as client

    queued = submit(owner, 50, steps=4)
    client.Redis(unix_socket_path=str(world.DATA / "run" / "redis.sock")).flushall()
    redis.kill()
    redis.wait()
    time.sleep(1)
    world.start_redis()
    took = world.wait_until(lambda: over(queued), 300)
    return verdict("Redis emptied and restarted", queued, f"all over after {took:.0f} s")


def poison(owner, keeper):
    """A job whose worker dies every time, with good jobs behind it."""
    job = submit(owner, 1, steps=60, count=4)[0]
    good = submit(owner, 20, steps=4)
    while not over([job]):
        if is_in(job, state="running", stage="denoising"):
            for pid in world.children(keeper.pid):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    world.wait_until(lambda: over(good), 120)
    job.refresh_from_db()
    print(f"job that kills its worker: {job.state} after {job.attempts} attempts: {job.failure}")
    return verdict("jobs behind it", good) and (job.state, job.attempts) == ("failed", 3)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=50)
    options = parser.parse_args()
    random.seed(1)
    redis, owner = world.set_up()
    first, keeper = kill_in_each(owner, options.jobs)
    outcomes = [first, empty_redis(owner, redis), poison(owner, keeper)]
    sys.exit(0 if all(outcomes) else 1)


if __name__ == "__main__":
    main()
