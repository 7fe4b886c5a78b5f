"""Jobs of several users in one call against the same jobs one by one, through the running site.

    python -m benchmarks.batching [--jobs 8] [--users 4] [--rounds 4]

Two workers with one thread each take turns, one with BATCH_JOBS=8 and one with 1; only one runs at a time. Printed are
the pictures' wall time from the first submit to the last picture, the CPU time of the drawing process, and the ratio.
"""

import argparse
import os
import signal
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


def cpu_seconds(keeper):
    import psutil

    child = psutil.Process(world.children(keeper.pid)[0])
    times = child.cpu_times()
    return times.user + times.system


class Way:
    """One way to work: a keeper and its child, stopped (SIGSTOP) while the other way is measured."""

    def __init__(self, batch):
        self.keeper = world.start_worker(BATCH_JOBS=str(batch))
        self.rows = []

    def measure(self, users, options):
        began = time.perf_counter()
        # Frozen while the jobs are asked for, so that the first call finds all of them.
        jobs = submit(users, options.jobs, options.steps, options.size)
        before = cpu_seconds(self.keeper)
        self.wake()
        world.wait_until(lambda: finished(jobs), 300, 0.02)
        wall, cpu = time.perf_counter() - began, cpu_seconds(self.keeper) - before
        self.rows.append((wall, cpu))
        self.freeze()

    def warm_up(self, users, options):
        jobs = submit(users, 2, 2, options.size)
        world.wait_until(lambda: finished(jobs), 120)
        self.freeze()

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def wake(self):
        self.signal(signal.SIGCONT)

    def signal(self, number):
        for pid in world.children(self.keeper.pid):
            os.kill(pid, number)

    def medians(self):
        return [statistics.median(row[place] for row in self.rows) for place in (0, 1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("jobs", 8), ("users", 4), ("rounds", 4), ("steps", 20), ("size", 128)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    _redis, owner = world.set_up()
    from accounts.models import User

    users = [owner, *(User.objects.create_user(f"u{n}", "", "bench-password-1") for n in range(options.users - 1))]
    ways = {}
    for name, batch in (("one by one", 1), ("batched", 8)):
        ways[name] = Way(batch)
        ways[name].warm_up(users, options)
    for _round in range(options.rounds):
        for way in ways.values():
            way.measure(users, options)
    print(f"{options.jobs} jobs of {options.users} users, {options.size} px, {options.steps} steps")
    for name, way in ways.items():
        wall, cpu = way.medians()
        print(f"{name:<12} wall {wall:6.2f} s   CPU {cpu:6.2f} s   {wall / options.jobs:.2f} s a picture")
        way.wake()
    (slow, slow_cpu), (fast, fast_cpu) = (ways[name].medians() for name in ("one by one", "batched"))
    print(f"batched / one by one: wall {fast / slow:.2f}, CPU {fast_cpu / slow_cpu:.2f}")


if __name__ == "__main__":
    main()
