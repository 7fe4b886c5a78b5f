"""The web process of the one-command site: daphne, made safe to face the open network.

daphne itself keeps any request body whole in memory (a form of 1 GiB took 12 GiB), and piles up a response that
its client is slow to read. This subclass answers 413 as soon as a body is known to be too big, and makes whoever
writes a response wait while the client's buffer is full. Where Twisted cuts the connection without a word, at an
address or headers over 16 KB, it answers 414 or 431.

`python -m visionary.serve` listens on HOST:PORT of the settings until SIGTERM or SIGINT.
"""

import asyncio
import os
import socket
import sys
from http.client import responses

# daphne.server first: it chooses Twisted's reactor at import.
from daphne import server as daphne_server
from daphne.endpoints import build_endpoint_description_strings
from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet import reactor
from twisted.internet.endpoints import AdoptedStreamServerEndpoint
from twisted.web import http

TOO_BIG = b"This request is too big: at most %d MB are accepted."
LONG_ADDRESS = b"This address is too long: at most 16 KB are accepted."
LONG_HEADERS = b"The headers of this request are too long: at most 16 KB are accepted."
# Where pieces of uploads come to (models_hub.uploads).
UPLOADS = b"/uploads/"
# How long a refused client may go on sending before the connection is cut: closing at once would make its
# system throw away the answer unread.
DRAIN_SECONDS = 5


class Gate:
    """Twisted's push producer as an asyncio event: open while the client keeps up."""

    def __init__(self):
        self.open = asyncio.Event()
        self.open.set()

    def pauseProducing(self):  # noqa: N802 - Twisted's name
        self.open.clear()

    def resumeProducing(self):  # noqa: N802
        self.open.set()

    stopProducing = resumeProducing  # noqa: N815


class BoundedRequest(WebRequest):
    """A request whose body may have at most `server.max_body` bytes, or `server.max_piece` for pieces of uploads."""

    refused = False
    received = 0
    gate = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.most = self.server.max_body
        # Twisted would parse every form a second time, in memory, into arguments that nobody reads.
        self._parsePOSTFormSubmission = False

    def setResponseCode(self, code, message=None):  # noqa: N802
        # Twisted has no words for the newer codes, such as 429.
        super().setResponseCode(code, message or responses.get(code, "").encode() or None)

    def gotLength(self, length):  # noqa: N802 - Twisted's name
        super().gotLength(length)
        # Pieces of uploads have a limit of their own: what a form may have must not stop them.
        if self.channel._path.startswith(UPLOADS):
            self.most = self.server.max_piece
        if (length or 0) > self.most:
            self.refuse()

    def handleContentChunk(self, data):  # noqa: N802
        self.received += len(data)
        if not self.refused and self.received > self.most:
            self.refuse()
        if not self.refused:
            super().handleContentChunk(data)

    def process(self):
        return None if self.refused else super().process()

    def refuse(self):
        """Answer before the body has been read, then let the rest of it fall to the ground for a moment."""
        self.refused = True
        self.requestHeaders.removeHeader(b"Expect")
        sentence = TOO_BIG % (self.most // 2**20)
        last_words(self.channel.transport, b"413 Content Too Large", sentence)


class BoundedChannel(http.HTTPChannel):
    """A connection that says why it does not read on."""

    def lineLengthExceeded(self, line):  # noqa: N802 - Twisted's name
        if self._HTTPChannel__first_line:
            self.refuse(b"414 URI Too Long", LONG_ADDRESS)
        else:
            self.refuse(b"431 Request Header Fields Too Large", LONG_HEADERS)

    def lineReceived(self, line):  # noqa: N802
        if self._receivedHeaderSize + len(line) > self.totalHeadersSize:
            self.lineLengthExceeded(line)
        else:
            super().lineReceived(line)

    def refuse(self, status, sentence):
        self.dataReceived = self.lineReceived = lambda data: None
        last_words(self.transport, status, sentence)


def last_words(transport, status, sentence):
    """Answer, and let whatever the client still sends fall to the ground for a moment."""
    transport.write(
        b"HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(sentence), sentence)
    )
    transport.loseWriteConnection()
    reactor.callLater(DRAIN_SECONDS, transport.abortConnection)


class BoundedFactory(HTTPFactory):
    @staticmethod
    def protocol():
        return http._GenericHTTPChannelProtocol(BoundedChannel())

    def buildProtocol(self, addr):  # noqa: N802 - Twisted's name
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = BoundedRequest
        return protocol


class Server(daphne_server.Server):
    """daphne's server with the limits `max_body` and `max_piece` (bytes; the same unless told) and back-pressure."""

    def __init__(self, *args, max_body, max_piece=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.max_body, self.max_piece = max_body, max_piece or max_body
        self.failure = None

    async def handle_reply(self, protocol, message):
        streams = message["type"] == "http.response.body" and isinstance(protocol, http.Request)
        more = streams and message.get("more_body", False)
        if more and protocol.gate is None and not protocol.finished and protocol.channel is not None:
            protocol.gate = Gate()
            protocol.registerProducer(protocol.gate, True)
        elif streams and not more and getattr(protocol, "producer", None) and protocol.channel is not None:
            protocol.unregisterProducer()
        await super().handle_reply(protocol, message)
        if more and protocol.gate is not None:
            await protocol.gate.open.wait()

    def kill_all_applications(self):
        # daphne stumbles over connections whose application has already ended; they have nothing to cancel.
        self.connections = {key: row for key, row in self.connections.items() if "application_instance" in row}
        return super().kill_all_applications()

    def listen_error(self, failure):
        self.failure = failure.getErrorMessage()
        self.stop()


class Adopted(AdoptedStreamServerEndpoint):
    """A socket that was opened by another process (visionary.crew), given by its number as a string."""

    def __init__(self, reactor, fileno):
        with socket.socket(fileno=os.dup(int(fileno))) as listener:
            super().__init__(reactor, int(fileno), listener.family)


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "visionary.settings")
    from django.conf import settings

    from visionary.asgi import application

    daphne_server.HTTPFactory = BoundedFactory
    endpoints = build_endpoint_description_strings(host=settings.HOST, port=settings.PORT)
    if inherited := os.environ.get("WEB_SOCKET"):
        daphne_server.serverFromString, endpoints = Adopted, [inherited]
    server = Server(
        application,
        endpoints=endpoints,
        max_body=settings.MAX_BODY_BYTES,
        max_piece=settings.UPLOAD_PATCH_BYTES,
        request_buffer_size=1024 * 1024,
        verbosity=0,
        server_name="",
    )
    server.run()
    if server.failure:
        sys.exit(f"Cannot listen on {settings.HOST}:{settings.PORT}: {server.failure}")


if __name__ == "__main__":
    main()
