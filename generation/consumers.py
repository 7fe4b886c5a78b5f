"""The socket of a job: listens only, checks ownership, tells latecomers."""

import asyncio
import contextlib

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.utils import translation

from accounts.models import User
from generation import progress
from generation.models import Job

# The channel layer may drop messages: this often the row is read again, so that no client waits for ever.
REREAD_SECONDS = 5
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
        await self.send_json(await self.translated(event["state"]))

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

    async def translated(self, state):
        with translation.override(self.language):
            return state | {"stage_label": str(Job.Stage(state["stage"]).label)}


class _RequestLike:
    """As much of a request as finding its language takes."""

    def __init__(self, scope):
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self.COOKIES = scope.get("cookies", {})
        self.META = {"HTTP_ACCEPT_LANGUAGE": headers.get("accept-language", "")}
