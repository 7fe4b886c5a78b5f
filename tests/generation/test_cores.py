import pytest

from generation.engine import hardware
from generation.rendering import cores, resident
from generation.scheduling import workers_report

ME = "here-1-2"


@pytest.fixture(autouse=True)
def four_cores(monkeypatch, settings):
    settings.RENDER_THREADS = None
    for report in workers_report.live_workers():
        workers_report.withdraw(report["name"])
    monkeypatch.setattr(hardware, "default_threads", lambda: 4)


def says(name, **report):
    workers_report.publish(name, report)


def test_a_worker_alone_on_its_machine_leaves_the_choice_to_the_engine():
    says(ME, device="cpu")
    says("there-1-1", device="cpu")

    assert cores.threads("here", ME) is None


@pytest.mark.parametrize(("others", "threads"), [(1, 2), (2, 1), (7, 1)])
def test_workers_of_one_machine_share_its_cores(others, threads):
    for number in range(others):
        says(f"here-9-{number}", device="cpu")

    assert cores.threads("here", ME) == threads


def test_one_that_is_still_starting_counts_and_one_with_a_card_does_not():
    says("here-9-1", cache=None)
    says("here-9-2", device="cuda:0")

    assert cores.threads("here", ME) == 2


def test_what_the_operator_set_holds(settings):
    settings.RENDER_THREADS = 3
    says("here-9-1", device="cpu")

    assert cores.threads("here", ME) == 3


def test_the_engine_of_a_worker_is_made_with_its_share(monkeypatch):
    says(f"{resident.host()}-9-1", device="cpu")
    made = {}
    monkeypatch.setattr("generation.engine.runner.Engine", lambda **settings: made.update(settings))

    resident.engine.__wrapped__()

    assert made["threads"] == 2
