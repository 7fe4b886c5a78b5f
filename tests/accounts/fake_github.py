"""A server that answers as GitHub does. Who signs in is said by the code itself, so it remembers nothing."""

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


def code_of(number, login, email, *, verified=True):
    """What GitHub would send the person back with."""
    person = {"id": number, "login": login, "email": email, "verified": verified}
    return base64.urlsafe_b64encode(json.dumps(person).encode()).decode()


class GitHub(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        code = parse_qs(body).get("code", [""])[0]
        self.say({"access_token": code, "token_type": "bearer"} if code != "stale" else {"error": "bad_code"})

    def do_GET(self):
        token = self.headers["Authorization"].split()[1]
        person = json.loads(base64.urlsafe_b64decode(token))
        verified = person.pop("verified")
        mails = [{"email": person["email"], "primary": True, "verified": verified}]
        self.say(mails if self.path.endswith("/emails") else person)

    def say(self, answer):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *args):
        """Not into the tests' output."""


@contextmanager
def running():
    """Yields the server's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), GitHub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
