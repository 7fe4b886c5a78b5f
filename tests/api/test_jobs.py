"""Asking for pictures by the API."""

import threading
import uuid

import pytest
from django.db import connection

from generation.models import Job
from generation.watching import progress
from models_hub.models import ModelCard
from tests.api.conftest import assert_refused, client_of
from tests.factories import JobFactory, ModelCardFactory, ModelVersionFactory, PictureFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_prompt_alone_is_a_whole_request(client, user, version):
    answer = client.post("/api/jobs/", {"prompt": "a red apple"})

    job = Job.objects.get()
    assert answer.status_code == 201
    assert (answer.json()["job"], job.owner, job.version) == (str(job.pk), user, version)
    assert answer.json()["request"]["steps"] == version.settings["steps"]


def test_everything_can_be_asked_for(client, version):
    lora = ModelVersionFactory(card=ModelCardFactory(kind=ModelCard.Kind.LORA))
    asked = {"steps": 9, "guidance": 2.5, "sampler": "euler", "width": 96, "height": 128, "seed": 5, "count": 2}
    asked |= {"prompt": "a red apple", "negative_prompt": "blur", "upscale": 1, "publish": True}

    answer = client.post(
        "/api/jobs/",
        asked | {"model": version.card.slug, "loras": [{"model": lora.card.slug, "weight": 0.5}]},
    )

    request = answer.json()["request"]
    assert asked.items() <= request.items()
    assert request["loras"] == [{"model": lora.card.slug, "weight": 0.5}]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": " \n "}, "prompt"),
        ({"prompt": "a\x00b"}, "prompt"),
        ({"prompt": "x" * 10_000}, "prompt"),
        ({"prompt": ["a"]}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"negative_prompt": {"a": 1}}, "negative_prompt"),
        ({"negative_prompt": "\x00"}, "negative_prompt"),
        ({"steps": 0}, "steps"),
        ({"steps": -1}, "steps"),
        ({"steps": 10**6}, "steps"),
        ({"steps": 10**400}, "steps"),
        ({"steps": "many"}, "steps"),
        ({"steps": 1.5}, "steps"),
        ({"guidance": 10**400}, "guidance"),
        ({"guidance": "nan"}, "guidance"),
        ({"guidance": "infinity"}, "guidance"),
        ({"width": 100}, "width"),
        ({"height": 10**9}, "height"),
        ({"width": 1024, "height": 1024}, "width"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
        ({"count": 99}, "count"),
        ({"upscale": 3}, "upscale"),
        ({"sampler": "none"}, "sampler"),
        ({"model": "unknown"}, "model"),
        ({"model": "no slug!"}, "model"),
        ({"model": 5.5}, "model"),
        ({"loras": "x"}, "loras"),
        ({"loras": [{"model": "unknown"}]}, "loras"),
        ({"loras": [{}]}, "loras.0.model"),
        ({"loras": [{"model": "a", "weight": 10**400}]}, "loras.0.weight"),
        ({"publish": "perhaps"}, "publish"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_its_field(client, version, change, field):
    assert_refused(client.post("/api/jobs/", {"prompt": "a red apple"} | change), 400, field=field)
    assert not Job.objects.exists()


def test_half_a_character_is_refused(client, version):
    answer = client.generic("POST", "/api/jobs/", rb'{"prompt": "\ud800"}', content_type="application/json")

    assert_refused(answer, 400, field="prompt")


@pytest.mark.parametrize("prompt", ["🍎🍏 apples", "تفاحة حمراء", "一个红苹果", "‮apple"])
def test_any_script_is_a_prompt(client, version, prompt):
    assert client.post("/api/jobs/", {"prompt": prompt}).json()["request"]["prompt"] == prompt


def test_a_forbidden_word_is_refused_by_field_and_category(client, version):
    answer = client.post("/api/jobs/", {"prompt": "p o r n"})

    assert "sexual content" in assert_refused(answer, 400, "forbidden_words", "prompt")["message"]


def test_a_site_without_models_says_so(client):
    assert_refused(client.post("/api/jobs/", {"prompt": "a red apple"}), 400, field="model")


def test_more_jobs_than_allowed_are_refused_with_a_time_to_wait(client, version, settings):
    settings.MAX_ACTIVE_JOBS = 1
    client.post("/api/jobs/", {"prompt": "a red apple"})

    answer = client.post("/api/jobs/", {"prompt": "a red apple"})

    assert_refused(answer, 429, "too_many_jobs")
    assert int(answer["Retry-After"]) > 0


def test_the_state_is_the_one_that_the_page_polls(client, user):
    job = JobFactory(owner=user, state=Job.State.DONE)

    answer = client.get(f"/api/jobs/{job.pk}/").json()

    answer.pop("request")
    expected = progress.snapshot(job)
    assert answer | {"seq": 0} == expected | {"seq": 0}


def test_another_users_job_does_not_exist(client):
    job = JobFactory()

    for answer in (
        client.get(f"/api/jobs/{job.pk}/"),
        client.post(f"/api/jobs/{job.pk}/cancel/"),
        client.post(f"/api/jobs/{job.pk}/retry/"),
        client.get(f"/api/jobs/{uuid.uuid4()}/"),
    ):
        assert_refused(answer, 404, "not_found")
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_a_job_is_cancelled_once_and_can_be_tried_again(client, user):
    job = JobFactory(owner=user)

    assert client.post(f"/api/jobs/{job.pk}/cancel/").json()["state"] == "cancelled"
    assert_refused(client.post(f"/api/jobs/{job.pk}/cancel/"), 409, "job_over")
    assert client.post(f"/api/jobs/{job.pk}/retry/").json()["state"] == "queued"
    assert_refused(client.post(f"/api/jobs/{job.pk}/retry/"), 409, "job_not_over")


def test_the_list_holds_own_jobs_by_state(client, user):
    JobFactory()
    done, queued = JobFactory(owner=user, state="done"), JobFactory(owner=user)

    assert {row["id"] for row in client.get("/api/jobs/").json()["results"]} == {str(done.pk), str(queued.pk)}
    assert [row["id"] for row in client.get("/api/jobs/?state=done").json()["results"]] == [str(done.pk)]
    assert_refused(client.get("/api/jobs/?state=x"), 400, field="state")


def test_paging_shows_every_job_once(client, user, version):
    made = {str(job.pk) for job in JobFactory.create_batch(7, owner=user, version=version)}
    Job.objects.update(created_at=Job.objects.first().created_at)  # equal times must not confuse it

    seen, address = [], "/api/jobs/?page_size=3"
    while address:
        page = client.get(address).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]

    assert len(seen) == 7
    assert set(seen) == made


def test_a_longer_list_costs_no_more_queries(client, user, version, django_assert_max_num_queries):
    jobs = JobFactory.create_batch(25, owner=user, version=version)
    for job in jobs:
        job.results.create(index=0, picture=PictureFactory(owner=user))

    with django_assert_max_num_queries(7):
        assert len(client.get("/api/jobs/").json()["results"]) == 25


def test_the_same_key_replays_the_first_answer(client, version):
    headers = {"Idempotency-Key": "k-1"}
    first = client.post("/api/jobs/", {"prompt": "a red apple"}, headers=headers)
    again = client.post("/api/jobs/", {"prompt": "a red apple"}, headers=headers)
    other = client.post("/api/jobs/", {"prompt": "a blue apple"}, headers=headers)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["job"] == again.json()["job"]
    assert_refused(other, 422, "idempotency_conflict")


def test_a_key_belongs_to_one_user(client, version):
    headers = {"Idempotency-Key": "k-1"}
    client.post("/api/jobs/", {"prompt": "a red apple"}, headers=headers)

    other = client_of(UserFactory()).post("/api/jobs/", {"prompt": "a blue apple"}, headers=headers)

    assert other.status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 101, "two words", "ключ"])
def test_a_key_that_cannot_be_kept_is_refused(client, version, key):
    answer = client.post("/api/jobs/", {"prompt": "a"}, HTTP_IDEMPOTENCY_KEY=key)

    assert_refused(answer, 400, field="Idempotency-Key")


@pytest.mark.django_db(transaction=True)
def test_a_hundred_posts_at_once_with_one_key_make_one_job():
    owner, answers = UserFactory(), []
    ModelVersionFactory()
    clients = [client_of(owner) for _ in range(100)]

    def post(client):
        try:
            answer = client.post("/api/jobs/", {"prompt": "a red apple"}, headers={"Idempotency-Key": "k"})
            answers.append((answer.status_code, answer.json().get("job")))
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    job = Job.objects.get()
    assert {answer for _status, answer in answers} == {str(job.pk)}
    assert sorted(status for status, _answer in answers) == [200] * 99 + [201]
