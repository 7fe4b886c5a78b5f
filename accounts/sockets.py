"""Open sockets end with what let them in: the account, its password, its epoch, the session itself.

EndsWithAccount stands before all sockets, so that no consumer can forget it. It hears of an end through the channel
layer, within milliseconds; because the layer may lose messages, and may be away, the database is asked now and then.
"""

import asyncio
import contextlib
import logging

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import User

logger = logging.getLogger(__name__)

RECHECK_SECONDS = 10
CLOSED = 4403
LAYER_AWAY = (RedisError, OSError, TimeoutError, RuntimeError)


def group_name(user_id):
    return f"account.{user_id}"


def close_all(user_id):
    """Close every socket of a user, in whatever process it is."""
    _send(user_id, {"type": "account.closed"})


def close_session(user_id, session_key):
    """Close the sockets that one session has opened."""
    _send(user_id, {"type": "account.closed", "session": session_key})


def _send(user_id, message):
    try:
        async_to_sync(get_channel_layer().group_send)(group_name(user_id), message)
    except LAYER_AWAY as error:
        logger.warning("the sockets of user %s were not told, they will find out: %s", user_id, error)


class EndsWithAccount:
    """ASGI middleware around sockets, inside AuthMiddlewareStack."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if not scope["user"].is_authenticated:
            await self.app(scope, receive, send)
            return
        watched = Watched(scope, receive, send)
        try:
            await self.app(scope, watched.receive, watched.send)
        finally:
            await watched.stop()


class Watched:
    """One socket: passes everything on until it has to end, then tells both sides and passes nothing more."""

    def __init__(self, scope, receive, send):
        self.user_id, self.hash = scope["user"].pk, scope["user"].get_session_auth_hash()
        self.session_key = scope["session"].session_key
        self._receive, self._send = receive, send
        self.is_over = False
        self.next_message = None
        self.end = asyncio.ensure_future(self.wait_for_the_end())

    async def receive(self):
        if self.is_over:
            return {"type": "websocket.disconnect", "code": CLOSED}
        self.next_message = self.next_message or asyncio.ensure_future(self._receive())
        await asyncio.wait([self.next_message, self.end], return_when=asyncio.FIRST_COMPLETED)
        if self.end.done():
            return await self.close()
        message, self.next_message = self.next_message.result(), None
        return message

    async def close(self):
        self.is_over = True
        with contextlib.suppress(Exception):  # the client may have gone at the same moment
            await self._send({"type": "websocket.close", "code": CLOSED})
        return {"type": "websocket.disconnect", "code": CLOSED}

    async def send(self, message):
        if not self.is_over:
            await self._send(message)

    async def stop(self):
        tasks = [task for task in (self.end, self.next_message) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def wait_for_the_end(self):
        """Return once this socket may not stay open."""
        layer = get_channel_layer()
        channel = await self.join(layer)
        try:
            while await self.is_welcome():
                if await self.hears_of_an_end(layer, channel):
                    return
        finally:
            if channel:
                with contextlib.suppress(*LAYER_AWAY):
                    await layer.group_discard(group_name(self.user_id), channel)

    async def join(self, layer):
        try:
            channel = await layer.new_channel()
            await layer.group_add(group_name(self.user_id), channel)
        except LAYER_AWAY as error:
            logger.warning("a socket of user %s asks only the database: %s", self.user_id, error)
            return None
        return channel

    async def hears_of_an_end(self, layer, channel):
        """Listen for RECHECK_SECONDS; whether a message meant this socket."""
        if channel is None:
            await asyncio.sleep(RECHECK_SECONDS)
            return False
        try:
            message = await asyncio.wait_for(layer.receive(channel), RECHECK_SECONDS)
        except TimeoutError:
            return False
        except LAYER_AWAY:
            await asyncio.sleep(RECHECK_SECONDS)
            return False
        return message.get("session") in {None, self.session_key}

    async def is_welcome(self):
        try:
            return await self.still_signed_in()
        except DatabaseError as error:
            logger.warning("whether user %s may stay connected cannot be asked: %s", self.user_id, error)
            return True

    @database_sync_to_async
    def still_signed_in(self):
        """Whether the session exists and the account is open, with the password and the epoch it had."""
        if not Session.objects.filter(session_key=self.session_key, expire_date__gt=timezone.now()).exists():
            return False
        user = User.objects.filter(pk=self.user_id, is_active=True).first()
        return user is not None and not user.is_banned and user.get_session_auth_hash() == self.hash
