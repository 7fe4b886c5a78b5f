import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser

from generation import services
from generation.consumers import NOT_FOUND, JobConsumer
from generation.scheduling import leases
from generation.watching import progress
from tests.factories import JobFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def socket(job, user):
    communicator = WebsocketCommunicator(JobConsumer.as_asgi(), f"/ws/jobs/{job.pk}/")
    communicator.scope |= {"url_route": {"kwargs": {"job_id": job.pk}}, "user": user, "cookies": {}}
    return communicator


async def test_the_owner_is_told_the_state_first_and_then_every_change():
    job = await sync_to_async(JobFactory)()
    client = socket(job, await sync_to_async(lambda: job.owner)())
    await client.connect()

    first = await client.receive_json_from(timeout=5)
    lease = await sync_to_async(leases.claim)(job.pk, "worker")
    await sync_to_async(progress.say)(job.pk, stage="denoising", step=2, steps=4, preview=b"webp")
    second = await client.receive_json_from(timeout=5)
    await sync_to_async(services.cancel_job)(job=job, by=job.owner)
    third = await client.receive_json_from(timeout=5)

    assert lease
    assert (first["state"], first["place"]) == ("queued", 1)
    assert (second["stage"], second["step"], second["preview"][:15]) == ("denoising", 2, "data:image/webp")
    assert third["state"] == "cancelled"
    assert first["seq"] < second["seq"] < third["seq"]
    await client.disconnect()


@pytest.mark.parametrize("who", ["guest", "stranger"])
async def test_nobody_else_is_told_anything(who):
    job = await sync_to_async(JobFactory)()
    user = AnonymousUser() if who == "guest" else await sync_to_async(UserFactory)()
    client = socket(job, user)

    await client.connect()

    closing = await client.receive_output(timeout=5)
    assert (closing["type"], closing["code"]) == ("websocket.close", NOT_FOUND)
    await client.disconnect()


async def test_what_a_client_sends_is_ignored():
    job = await sync_to_async(JobFactory)()
    client = socket(job, await sync_to_async(lambda: job.owner)())
    await client.connect()
    await client.receive_json_from(timeout=5)

    await client.send_to(text_data='{"cancel": tru')
    await client.send_to(bytes_data=b"\x00\xff")

    assert await client.receive_nothing(timeout=0.3)
    await client.disconnect()
