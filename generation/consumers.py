"""The sockets of jobs, one and all of them: they listen only, check ownership, tell latecomers."""

import asyncio
import contextlib
import logging

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.db import DatabaseError
from django.utils import translation
from redis.exceptions import RedisError

from accounts.models import User
from generation.models import Job
from generation.watching import overview, progress

logger = logging.getLogger(__name__)

# The channel layer may drop messages: this often the row is read again, so that no client waits for ever.
REREAD_SECONDS = 5
# Snapshots of all own jobs come at most this often; what a worker says of one job is passed on at once.
BREATH_SECONDS = 0.5
NOT_FOUND = 4404


class JobConsumer(AsyncJsonWebsocketConsumer):
    """Relays one job's progress to its owner: a snapshot first, then every change. Commands go over HTTP."""

    async def connect(self):
        self.job_id, self.user = self.scope["url_route"]["kwargs"]["job_id"], self.scope["user"]
        self.language = translation.get_language_from_request(_RequestLike(self.scope))
        if not self.user.is_authenticated or await self.state() is None:
            # Accepted first, because a browser is not told the code of a refused handshake.
            await self.accept()
            await self.close(code=NOT_FOUND)
            return
        for group in self.groups_joined():
            await self.channel_layer.group_add(group, self.channel_name)
        await self.accept()
        await self.send_snapshot()
        self.rereading = asyncio.create_task(self.reread())

    async def disconnect(self, code):
        if hasattr(self, "rereading"):
            self.rereading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.rereading
            for group in self.groups_joined():
                await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data=None, bytes_data=None):
        """Nothing that a client sends is heeded, so nothing it sends can do harm."""

    async def job_progress(self, event):
        await self.send_json(await translated(event["state"], self.language))

    async def job_changed(self, event):
        await self.send_snapshot()

    async def queue_moved(self, event):
        if self.waiting:
            await self.send_snapshot()

    async def reread(self):
        while True:
            await asyncio.sleep(REREAD_SECONDS)
            await self.send_snapshot()

    async def send_snapshot(self):
        state = await self.state()
        if state is None:
            await self.close(code=NOT_FOUND)
            return
        self.waiting = state["state"] == Job.State.QUEUED
        await self.send_json(state)

    def groups_joined(self):
        return progress.group_name(self.job_id), progress.QUEUE_GROUP

    @database_sync_to_async
    def state(self):
        """The job's state in the viewer's language; None when it is not (or no longer) theirs to see."""
        user = User.objects.filter(pk=self.user.pk, is_active=True).first()
        job = user and Job.objects.for_user(user).filter(pk=self.job_id).first()
        if not job:
            return None
        with translation.override(self.language):
            return progress.snapshot(job)


class MyJobsConsumer(AsyncJsonWebsocketConsumer):
    """Relays the progress of all of a user's jobs through one socket. Commands go over HTTP.

    A message is either overview.snapshot (it has "jobs") or the state of one job.
    """

    async def connect(self):
        self.user, self.joined = self.scope["user"], set()
        self.language = translation.get_language_from_request(_RequestLike(self.scope))
        await self.accept()
        if not self.user.is_authenticated:
            await self.close(code=NOT_FOUND)
            return
        self.moved = asyncio.Event()
        await self.join({progress.owner_group(self.user.pk), progress.QUEUE_GROUP})
        self.telling = asyncio.create_task(self.tell())

    async def disconnect(self, code):
        if hasattr(self, "telling"):
            self.telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.telling
        for group in self.joined:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data=None, bytes_data=None):
        """Nothing that a client sends is heeded, so nothing it sends can do harm."""

    async def job_progress(self, event):
        await self.send_json(await translated(event["state"], self.language))

    async def job_changed(self, event):
        """`mine_changed` says the same."""

    async def mine_changed(self, event):
        self.moved.set()

    async def queue_moved(self, event):
        self.moved.set()

    async def tell(self):
        """Send snapshots for as long as the socket is open; one that cannot be made closes it, and the page polls."""
        try:
            while await self.tell_once():
                await asyncio.sleep(BREATH_SECONDS)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.moved.wait(), REREAD_SECONDS)
        except (DatabaseError, RedisError, OSError) as error:
            logger.warning("no snapshot of the jobs of %s: %s", self.user.pk, error)
            await self.close()

    async def tell_once(self):
        self.moved.clear()
        state = await self.snapshot()
        if state is None:
            await self.close(code=NOT_FOUND)
            return False
        await self.follow({job["job"] for job in state["jobs"]})
        await self.send_json(state)
        return True

    async def follow(self, jobs):
        """Hear what is said of these jobs, and no longer of those that are over."""
        wanted = {progress.group_name(job) for job in jobs}
        wanted |= {progress.owner_group(self.user.pk), progress.QUEUE_GROUP}
        for group in self.joined - wanted:
            await self.channel_layer.group_discard(group, self.channel_name)
        await self.join(wanted - self.joined)
        self.joined = wanted

    async def join(self, groups):
        for group in groups:
            await self.channel_layer.group_add(group, self.channel_name)
        self.joined |= groups

    @database_sync_to_async
    def snapshot(self):
        """The user's jobs in their language; None when the account was closed in the meantime."""
        user = User.objects.filter(pk=self.user.pk, is_active=True).first()
        if not user:
            return None
        with translation.override(self.language):
            return overview.snapshot(user)


async def translated(state, language):
    with translation.override(language):
        return state | {"stage_label": str(Job.Stage(state["stage"]).label)}


class _RequestLike:
    """As much of a request as finding its language takes."""

    def __init__(self, scope):
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self.COOKIES = scope.get("cookies", {})
        self.META = {"HTTP_ACCEPT_LANGUAGE": headers.get("accept-language", "")}
