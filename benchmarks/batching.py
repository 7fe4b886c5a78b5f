"""Jobs of several users in one call against the same jobs one by one, through the whole path but for the ticket.

    python -m benchmarks.batching [--jobs 8] [--users 4] [--rounds 4]

This process is the worker: it claims, draws, checks and stores as a worker does, by turns with BATCH_JOBS=8 and 1.
Printed are the wall and CPU seconds from the first submit to the last picture, and the ratios.
"""

import argparse
import os
import statistics
import time

from benchmarks import world

os.environ.update(MAX_JOBS_PER_DAY="0", MAX_WORK_PER_DAY="0", MAX_ACTIVE_JOBS="0")


def submit(users, number, steps, size):
    from generation import services

    fields = {"version": world.starter(), "steps": steps, "upscale": 1, "width": size, "height": size}
    words = ("a red apple", "a blue cup", "a green tree", "a yellow car")
    return [
        services.submit_job(owner=users[seed % len(users)], prompt=words[seed % 4], seed=seed, **fields)
        for seed in range(number)
    ]


def finished(jobs):
    from generation.models import Job

    return not Job.objects.active().filter(pk__in=[job.pk for job in jobs]).exists()


def measure(users, options, batch):
    """(wall seconds, CPU seconds) from the first submit to the last picture."""
    from django.conf import settings

    from generation.rendering import jobs

    settings.BATCH_JOBS = batch
    began, cpu = time.perf_counter(), time.process_time()
    asked = submit(users, options.jobs, options.steps, options.size)
    while not finished(asked):
        jobs.run_next()
    return time.perf_counter() - began, time.process_time() - cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("jobs", 8), ("users", 4), ("rounds", 4), ("steps", 20), ("size", 128)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    _redis, owner = world.set_up()
    from accounts.models import User

    users = [owner, *(User.objects.create_user(f"u{n}", "", "bench-password-1") for n in range(options.users - 1))]
    ways = {"one by one": 1, "batched": 8}
    rows = {name: [] for name in ways}
    for batch in ways.values():
        measure(users, options, batch)
    for _round in range(options.rounds):
        for name, batch in ways.items():
            rows[name].append(measure(users, options, batch))
    print(f"{options.jobs} jobs of {options.users} users, {options.size} px, {options.steps} steps")
    medians = {name: [statistics.median(row[place] for row in rows[name]) for place in (0, 1)] for name in ways}
    for name, (wall, cpu) in medians.items():
        print(f"{name:<12} wall {wall:6.2f} s   CPU {cpu:6.2f} s   {wall / options.jobs:.2f} s a picture")
    (slow, slow_cpu), (fast, fast_cpu) = medians["one by one"], medians["batched"]
    print(f"batched / one by one: wall {fast / slow:.2f}, CPU {fast_cpu / slow_cpu:.2f}")


if __name__ == "__main__":
    main()
