"""The queue tab: own jobs in order, held, moved, counted; nobody else's."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generation.models import Job, JobGroup
from tests.factories import JobFactory

PART = "/queue/?part=1"
ACTIVE = "/jobs/active.json"


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def waiting(owner, version):
    """Three waiting jobs of the owner, in order."""
    words = ("first", "second", "third")
    return [JobFactory(owner=owner, version=version, prompt=word, position=n) for n, word in enumerate(words)]


def order(user):
    return list(Job.objects.for_user(user).order_by("position").values_list("prompt", flat=True))


@pytest.mark.parametrize("address", [PART, ACTIVE, "/results/?part=1"])
def test_a_guest_is_asked_to_sign_in(client, db, address):
    assert client.get(address).url.startswith("/accounts/login/")


def test_the_queue_shows_own_jobs_only_and_counts_everybodys(signed_in, waiting):
    JobFactory(prompt="somebody else's secret")

    page = signed_in.get(PART).content.decode()

    assert all(str(job.pk) in page for job in waiting)
    assert "somebody else" not in page
    assert 'data-own="3" data-all="4"' in page


def test_polling_brings_states_counts_and_the_latest(signed_in, waiting):
    JobFactory()

    told = signed_in.get(ACTIVE).json()

    assert [state["job"] for state in told["jobs"]] == [str(job.pk) for job in waiting]
    assert told["latest"] == [str(job.pk) for job in reversed(waiting)]
    assert (told["own"], told["all"]) == (3, 4)


def test_cells_of_a_grid_are_counted_but_not_listed_one_by_one(signed_in, owner, version):
    grid = JobGroup.objects.create(
        owner=owner, title="my sheet", x_axis={"labels": ["1"], "values": [1], "name": "steps"}
    )
    cell = JobFactory(owner=owner, version=version, group=grid)

    page, told = signed_in.get(PART).content.decode(), signed_in.get(ACTIVE).json()

    assert "my sheet" in page
    assert f"row-{cell.pk}" not in page
    assert (told["jobs"][0]["group"], told["latest"]) == (str(grid.pk), [])


def test_a_job_is_held_and_released(signed_in, waiting):
    for deed, state in (("hold", "held"), ("release", "queued")):
        signed_in.post(f"/jobs/{waiting[1].pk}/{deed}/")
        waiting[1].refresh_from_db()
        assert waiting[1].state == state


def test_a_job_is_put_before_another_or_at_the_end(signed_in, owner, waiting):
    signed_in.post(f"/jobs/{waiting[2].pk}/move/", {"before": waiting[0].pk})
    assert order(owner) == ["third", "first", "second"]

    signed_in.post(f"/jobs/{waiting[2].pk}/move/", {"before": ""})
    assert order(owner) == ["first", "second", "third"]


def test_the_buttons_of_a_row_move_it_one_place(signed_in, owner, waiting):
    rows = signed_in.get(PART).context["queue"]["rows"]

    assert [row["up"] and row["up"].prompt for row in rows] == [None, "first", "second"]
    assert [row["down"] and row["down"].prompt for row in rows] == ["third", None, None]


@pytest.mark.parametrize("before", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_a_job_cannot_be_put_before_what_is_not_there(signed_in, owner, waiting, before):
    response = signed_in.post(f"/jobs/{waiting[2].pk}/move/", {"before": before})

    assert response.status_code == 404
    assert order(owner) == ["first", "second", "third"]


def test_a_job_cannot_be_put_before_somebody_elses(signed_in, owner, waiting):
    other = JobFactory(prompt="theirs")

    assert signed_in.post(f"/jobs/{waiting[2].pk}/move/", {"before": other.pk}).status_code == 404


@pytest.mark.parametrize("deed", ["hold", "release", "move"])
@pytest.mark.parametrize("who", ["guest", "other"])
def test_nobody_else_changes_the_queue_of_an_owner(client, people, owner, waiting, deed, who):
    if people[who]:
        client.force_login(people[who])

    response = client.post(f"/jobs/{waiting[2].pk}/{deed}/", {"before": waiting[0].pk})

    assert response.status_code == (404 if people[who] else 302)
    assert order(owner) == ["first", "second", "third"]
    assert not Job.objects.held().exists()


def test_holding_what_already_runs_is_told_in_a_sentence(signed_in, owner, version):
    job = JobFactory(owner=owner, version=version, state="running", started_at=timezone.now())

    response = signed_in.post(f"/jobs/{job.pk}/hold/", follow=True)

    assert "can be held" in response.content.decode()


def test_a_failed_job_says_why_and_can_be_tried_again(signed_in, owner, version):
    job = JobFactory(owner=owner, version=version, state="failed", error_message="It broke.")

    page = signed_in.get(PART).content.decode()

    assert "It broke." in page
    assert f"/jobs/{job.pk}/retry/" in page


@pytest.mark.parametrize("address", [PART, ACTIVE])
def test_the_queue_costs_the_same_however_long_it_is(signed_in, owner, version, address):
    counted = []
    for _ in range(4):
        JobFactory(owner=owner, version=version)
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            signed_in.get(address)
        counted.append(len(queries))

    assert counted[1] == counted[-1]


def test_the_queue_opened_as_a_page_is_the_tab_of_the_generate_page(signed_in, waiting):
    response = signed_in.get("/queue/", follow=True)

    assert response.redirect_chain[0][0] == "/generate/?tab=queue"
    assert 'data-start="queue"' in response.content.decode()
