"""HTTP and WebSocket."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "visionary.settings")
django.setup(set_prefix=False)

from channels.auth import AuthMiddlewareStack  # noqa: E402 - after setup: these import models
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import re_path  # noqa: E402

from accounts.sockets import EndsWithAccount  # noqa: E402
from generation.routing import websocket_urlpatterns  # noqa: E402
from visionary.asgi_handler import ThreadedHandler  # noqa: E402


class NoSuchSocket(AsyncWebsocketConsumer):
    """Refuses a socket at an address that has none, quietly: without it every probe would log a traceback."""

    async def connect(self):
        await self.close(code=4404)


async def lifespan(scope, receive, send):
    """Nothing to prepare and nothing to put away; says so to servers that ask."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


sockets = URLRouter([*websocket_urlpatterns, re_path("", NoSuchSocket.as_asgi())])
application = ProtocolTypeRouter(
    {
        "http": ThreadedHandler(threads=settings.WEB_THREADS),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(EndsWithAccount(sockets))),
        "lifespan": lifespan,
    }
)
