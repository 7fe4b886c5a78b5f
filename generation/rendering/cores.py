"""How many threads a worker of this machine may take.

Two workers with two threads each on two cores take twice as long as one with two: they wait for each other at every
layer. A worker that starts beside others therefore takes its share of the cores; the first one keeps what it has.
"""

from django.conf import settings

from generation.engine import hardware
from generation.scheduling import workers_report


def threads(host, own_name):
    """What the operator set; else None (the engine decides) for a worker alone on its machine, else its share."""
    if settings.RENDER_THREADS:
        return settings.RENDER_THREADS
    others = neighbours(workers_report.live_workers(), host, own_name)
    return max(hardware.default_threads() // (others + 1), 1) if others else None


def neighbours(reports, host, own_name):
    """The number of other workers that compute on this machine's cores. Those with a card leave them alone."""
    here = (report for report in reports if report["name"].startswith(f"{host}-") and report["name"] != own_name)
    return sum(not str(report.get("device") or "cpu").startswith("cuda") for report in here)
