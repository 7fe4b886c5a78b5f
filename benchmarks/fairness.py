"""Whether one user can keep others waiting: A queues 200 jobs, B comes later; and bulk under a stream of single jobs.

    python -m benchmarks.fairness [--jobs 200]

A real worker draws small pictures with the starter checkpoint, in batches as always. A *slot* is one call of the
engine. Exit code 1 when a bound does not hold.
"""

import argparse
import itertools
import os
import sys
import time

from benchmarks import world

os.environ.update(
    MAX_BULK_JOBS="0", MAX_JOBS_PER_DAY="0", MAX_WORK_PER_DAY="0", BULK_WAIT_SECONDS="20", MAX_ACTIVE_JOBS="0"
)


def submit(owner, number=1, *, steps=4, is_bulk=False, width=64):
    """`number` small jobs of `owner`."""
    from generation import services

    fields = {"version": world.starter(), "prompt": "a red apple", "upscale": 1, "width": width, "height": 64}
    return [
        services.submit_job(owner=owner, steps=steps, is_bulk=is_bulk, seed=seed, **fields) for seed in range(number)
    ]


def finished(jobs):
    from generation.models import Job

    return not Job.objects.active().filter(pk__in=[job.pk for job in jobs]).exists()


def read(jobs):
    from generation.models import Job

    return list(Job.objects.filter(pk__in=[job.pk for job in jobs]).order_by("started_at"))


def slots(jobs):
    """When calls of the engine began: jobs of one call start within 50 ms of each other."""
    begun = []
    for start in sorted(job.started_at for job in jobs):
        if not begun or (start - begun[-1][-1]).total_seconds() > 0.05:
            begun.append([])
        begun[-1].append(start)
    return begun


def late_comers(many, few, number, what, **asked):
    """A queues `number`; B asks for one picture now and then."""
    queued = submit(many, number, steps=8)
    singles = []
    for _ask in range(6):
        time.sleep(1.5)
        singles += submit(few, **asked)
    world.wait_until(lambda: finished(queued + singles), 900)
    theirs, ours = slots(read(queued)), read(singles)
    before = [sum(one.created_at < slot[0] < one.started_at for slot in theirs) for one in ours]
    waits = [(one.started_at - one.created_at).total_seconds() for one in ours]
    lengths = [(later[0] - earlier[0]).total_seconds() for earlier, later in itertools.pairwise(theirs)]
    print(f"A queues {number}, B six times one {what}: slots before B's {before}, longest wait {max(waits):.2f} s")
    print(f"  slots of A: {len(theirs)}, at most {max(map(len, theirs))} pictures and {max(lengths):.2f} s")
    print(
        f"  A's last picture came after {(read(queued)[-1].finished_at - queued[0].created_at).total_seconds():.0f} s"
    )
    return max(before) <= 2 and max(waits) <= 2 * max(lengths)


def many_users(users, each):
    """Everybody queues the same number at once: nobody's share may lag behind."""
    from collections import Counter

    queued = [job for number, user in enumerate(users) for job in submit(user, each, width=64 + 8 * number)]
    world.wait_until(lambda: finished(queued), 900)
    rows, gaps, last = read(queued), [], {}
    for place, job in enumerate(rows):
        gaps.append(place - last.get(job.owner_id, place))
        last[job.owner_id] = place
    half = Counter(job.owner_id for job in rows[: len(rows) // 2])
    low, high = min(half.get(user.pk, 0) for user in users), max(half.values())
    print(f"{len(users)} users with {each} each: at half time the least served had {low}, the most {high}")
    return high - low <= 8


def bulk_under_load(many, few):
    """Single jobs keep coming for a minute; bulk may wait BULK_WAIT_SECONDS and then has its turn."""
    from django.conf import settings

    cells = submit(few, 4, is_bulk=True, width=72)
    until, stream = time.monotonic() + 45, []
    while time.monotonic() < until:
        if sum(job.state == "queued" for job in read(stream[-30:])) < 10:
            stream += submit(many, 5)
        time.sleep(0.1)
    world.wait_until(lambda: finished(cells + stream), 300)
    waits = [(job.started_at - job.created_at).total_seconds() for job in read(cells)]
    print(f"bulk under a stream of {len(stream)} single jobs: waits {[round(wait, 1) for wait in waits]} s,")
    print(f"  bound {settings.BULK_WAIT_SECONDS} s and the call under way")
    return max(waits) < settings.BULK_WAIT_SECONDS + 10


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=200)
    options = parser.parse_args()
    _redis, many = world.set_up()
    from accounts.models import User

    users = [many, *(User.objects.create_user(f"bench{number}", "", "bench-password-1") for number in range(4))]
    world.start_worker()
    warm = submit(many, 1)
    world.wait_until(lambda: finished(warm), 120)
    good = [
        late_comers(many, users[1], options.jobs, "of another size", width=72),
        late_comers(many, users[3], options.jobs, "that may join a call", steps=8),
        many_users(users, 12),
        bulk_under_load(many, users[2]),
    ]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
