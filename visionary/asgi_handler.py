"""Django over ASGI for a site whose views are synchronous: one hop into a thread for a whole request.

Django's own handler hops once for every middleware and opens a thread and a database connection for every
request. It also reads a synchronous stream (a FileResponse) whole into memory before it sends the first byte.
Here requests run on a fixed pool of threads, as under a WSGI server, and streams are read piece by piece.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.urls import set_script_prefix

END = object()


class ThreadedHandler(ASGIHandler):
    """`threads` requests at a time; the others wait their turn."""

    def __init__(self, threads):
        self.load_middleware(is_async=False)
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def __call__(self, scope, receive, send):
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        response = await self.in_thread(self.answer, scope, body)
        # From here on the only thing left to receive is that the client went away.
        gone = asyncio.ensure_future(receive())
        try:
            await self.send_answer(response, send, gone)
        finally:
            gone.cancel()
            if response.streaming:
                await self.in_thread(response.close)
            body.close()

    def in_thread(self, call, *args):
        return asyncio.get_running_loop().run_in_executor(self.pool, call, *args)

    def answer(self, scope, body):
        """The same steps as Django's WSGI handler, in one thread."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, response = self.create_request(scope, body)
        if request is not None:
            response = self.get_response(request)
            response._handler_class = self.__class__
        if not response.streaming:
            response.close()
        return response

    async def send_answer(self, response, send, gone):
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers(response)})
        if not response.streaming:
            await send({"type": "http.response.body", "body": response.content})
            return
        async for part in self.parts(response):
            if gone.done():
                return
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})

    async def parts(self, response):
        if response.is_async:
            async for part in response:
                yield part
            return
        stream = iter(response)
        while (part := await self.in_thread(next, stream, END)) is not END:
            yield part


def headers(response):
    """The answer's headers and cookies as ASGI wants them: pairs of bytes."""
    pairs = [(name.encode("ascii"), str(value).encode("latin1")) for name, value in response.items()]
    cookies = [
        (b"Set-Cookie", cookie.output(header="").strip().encode("ascii")) for cookie in response.cookies.values()
    ]
    return pairs + cookies
