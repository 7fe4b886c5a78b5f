"""Open sockets end with what let them in."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.test import Client

from accounts import sanctions, sessions, sockets
from accounts.models import User
from tests.accounts.people import moderator
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        await self.send(text_data=text_data)


def signed_in():
    user, client = UserFactory(), Client()
    client.force_login(user)
    return user, client


async def connect(user, client):
    communicator = WebsocketCommunicator(sockets.EndsWithAccount(Echo.as_asgi()), "/ws/")
    communicator.scope |= {"user": user, "session": client.session}
    assert (await communicator.connect())[0]
    await communicator.send_to(text_data="hello")
    assert await communicator.receive_from(timeout=5) == "hello"
    await joined(user)
    return communicator


async def joined(user):
    """Wait until the socket hears what is said to its account."""
    layer = get_channel_layer()
    async with asyncio.timeout(5):
        key = layer._group_key(sockets.group_name(user.pk))
        while not await layer.connection(layer.consistent_hash(sockets.group_name(user.pk))).zcard(key):
            await asyncio.sleep(0.01)


async def closing_of(socket, seconds=5):
    message = await socket.receive_output(timeout=seconds)
    return message["type"], message["code"]


@pytest.fixture
def ban():
    return sync_to_async(lambda user: sanctions.ban(user=user, reason="Spam", by=moderator()))


async def test_a_ban_closes_the_socket(ban):
    user, client = await sync_to_async(signed_in)()
    socket = await connect(user, client)

    await ban(user)

    assert await closing_of(socket) == ("websocket.close", sockets.CLOSED)


async def test_a_lost_message_closes_it_later(ban, monkeypatch):
    monkeypatch.setattr(sockets, "RECHECK_SECONDS", 0.2)
    monkeypatch.setattr(sockets, "_send", lambda *words: None)
    user, client = await sync_to_async(signed_in)()
    socket = await connect(user, client)

    await ban(user)

    assert await closing_of(socket) == ("websocket.close", sockets.CLOSED)


async def test_without_a_channel_layer_the_database_is_asked(ban, monkeypatch):
    async def away(self, layer):
        return None

    monkeypatch.setattr(sockets, "RECHECK_SECONDS", 0.2)
    user, client = await sync_to_async(signed_in)()
    other = await connect(user, client)
    monkeypatch.setattr(sockets.Watched, "join", away)
    socket = await connect(user, client)

    await ban(user)

    assert await closing_of(socket) == await closing_of(other) == ("websocket.close", sockets.CLOSED)


@pytest.mark.parametrize("how", ["password", "closed", "signed out"])
async def test_whatever_ends_a_session_ends_its_socket(how, monkeypatch):
    monkeypatch.setattr(sockets, "RECHECK_SECONDS", 0.2)
    user, client = await sync_to_async(signed_in)()
    socket = await connect(user, client)

    def end():
        if how == "password":
            user.set_password("another-password-1")
            user.save()
        elif how == "closed":
            User.objects.filter(pk=user.pk).update(is_active=False)
        else:
            client.logout()

    await sync_to_async(end)()

    assert await closing_of(socket) == ("websocket.close", sockets.CLOSED)


async def test_ending_one_session_leaves_the_others_sockets_open():
    user, client = await sync_to_async(signed_in)()
    socket = await connect(user, client)

    await sync_to_async(sockets.close_session)(user.pk, "another-session")

    await socket.send_to(text_data="still here")
    assert await socket.receive_from(timeout=5) == "still here"
    await sync_to_async(sockets.close_session)(user.pk, client.session.session_key)
    assert await closing_of(socket) == ("websocket.close", sockets.CLOSED)


async def test_a_closed_tab_leaves_nothing_behind():
    user, client = await sync_to_async(signed_in)()
    socket = await connect(user, client)

    await socket.disconnect()

    layer = get_channel_layer()
    key = layer._group_key(sockets.group_name(user.pk))
    assert not await layer.connection(layer.consistent_hash(sockets.group_name(user.pk))).zcard(key)
    assert not [task for task in asyncio.all_tasks() if "wait_for_the_end" in repr(task.get_coro())]


def test_ending_sessions_of_nobody_is_harmless(db):
    assert not sessions.end(UserFactory(), 12345)
