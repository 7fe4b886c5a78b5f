"""The one socket of a page: all own jobs, nobody else's."""

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser

from generation import services
from generation.consumers import NOT_FOUND, MyJobsConsumer
from generation.scheduling import leases
from generation.watching import progress
from tests.factories import JobFactory, ModelVersionFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def socket(user):
    communicator = WebsocketCommunicator(MyJobsConsumer.as_asgi(), "/ws/jobs/")
    communicator.scope |= {"user": user, "cookies": {}}
    return communicator


async def heard(client, wanted):
    """The first message for which `wanted` holds; fails when it does not come."""
    for _ in range(20):
        message = await client.receive_json_from(timeout=8)
        if wanted(message):
            return message
    raise AssertionError(message)


async def test_a_page_hears_of_all_own_jobs_first_and_of_nobody_elses():
    user = await sync_to_async(UserFactory)()
    mine = await sync_to_async(JobFactory)(owner=user)
    await sync_to_async(JobFactory)()
    client = socket(user)
    await client.connect()

    first = await client.receive_json_from(timeout=8)

    assert [state["job"] for state in first["jobs"]] == first["latest"] == [str(mine.pk)]
    assert (first["own"], first["all"]) == (1, 2)
    await client.disconnect()


async def test_what_a_worker_says_of_any_own_job_is_passed_on():
    user = await sync_to_async(UserFactory)()
    jobs = [await sync_to_async(JobFactory)(owner=user) for _ in range(2)]
    client = socket(user)
    await client.connect()
    await client.receive_json_from(timeout=8)

    for job in jobs:
        await sync_to_async(leases.claim)(job.pk, "worker")
        await sync_to_async(progress.say)(job.pk, stage="denoising", step=2, steps=4, preview=b"webp", index=4)
        said = await heard(client, lambda message, pk=str(job.pk): message.get("job") == pk)

        assert (said["step"], said["index"]) == (2, 4)
    await client.disconnect()


async def test_a_job_that_is_over_leaves_the_list_at_once():
    job = await sync_to_async(JobFactory)()
    client = socket(await sync_to_async(lambda: job.owner)())
    await client.connect()
    await client.receive_json_from(timeout=8)

    await sync_to_async(services.cancel_job)(job=job, by=job.owner)
    after = await heard(client, lambda message: message.get("jobs") == [])

    assert (after["own"], after["latest"]) == (0, [str(job.pk)])
    await client.disconnect()


async def test_a_guest_is_shown_out():
    client = socket(AnonymousUser())

    await client.connect()

    closing = await client.receive_output(timeout=5)
    assert (closing["type"], closing["code"]) == ("websocket.close", NOT_FOUND)
    await client.disconnect()


async def test_a_job_sent_from_another_device_is_told_at_once():
    version = await sync_to_async(ModelVersionFactory)()
    user = await sync_to_async(UserFactory)()
    client = socket(user)
    await client.connect()
    assert (await client.receive_json_from(timeout=8))["jobs"] == []

    job = await sync_to_async(services.submit_job)(owner=user, version=version, prompt="a cat")
    told = await heard(client, lambda message: message.get("latest"))

    assert told["latest"] == [str(job.pk)]
    await client.disconnect()
