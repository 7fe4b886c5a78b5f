"""manage.py run: the whole site with one command."""

import http.client
import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from generation.scheduling import workers_report
from visionary.common import redis_server
from visionary.common.redis_server import RedisUnavailable
from visionary.supervisor import StartRefused, first_start, preparing
from visionary.supervisor.child import Child
from visionary.supervisor.console import Console
from visionary.supervisor.tree import Tree

MANAGE = [sys.executable, "manage.py"]


class Command(BaseCommand):
    help = "Run the whole site: Redis (unless REDIS_URL is set), web, render worker, small-jobs worker."
    # The start is measured in seconds; `make lint` and the tests run the checks.
    requires_system_checks = []

    def handle(self, **options):
        self.console = Console()
        try:
            lock = preparing.lock()
            self.prepare()
            children = self.children()
        except (StartRefused, RedisUnavailable) as refusal:
            raise CommandError(str(refusal)) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped while starting.") from None
        with lock:
            Tree(children, self.console, self.announce).run()

    def prepare(self):
        for title, step in (
            ("Address", preparing.port),
            ("Data", preparing.disk),
            ("Queue", preparing.queue),
            ("Database", preparing.database),
            ("Static files", preparing.static_files),
            ("Weights", preparing.weights),
            ("Models", preparing.starters),
        ):
            self.console.say(f"{title + ' ':.<14} {step()}")
        # The children open their own; an idle connection here would only hold a lock or a slot.
        connections.close_all()

    def children(self):
        redis = None
        if not settings.REDIS_URL:
            command = redis_server.command(settings.RUN_DIR, settings.DATA_DIR / "redis")
            redis = Child("redis", command, ready=redis_answers, last=True, remedy=set_redis_aside)
        web = Child("web", [sys.executable, "-m", "visionary.crew"], after=redis, ready=web_answers)
        render = Child("render", [*MANAGE, "work", "render"], after=web, ready=lambda: worker_reported(render.pid))
        small = Child("small", [*MANAGE, "work", "small"], after=web)
        return [child for child in (redis, web, render, small) if child]

    def announce(self):
        administrator = first_start.create_administrator()
        connections.close_all()
        if administrator:
            self.console.box(box_lines(*administrator))
        self.console.say(f"Ready: {address()}")


def box_lines(name, password):
    told = f"Password       {password}" if password else "Password       the one in DJANGO_SUPERUSER_PASSWORD"
    lines = [
        "The administrator of this site:",
        "",
        f"Address        {address()}/admin/",
        f"Username       {name}",
        told,
    ]
    if password:
        lines += ["", "This password is shown only now. Change it after the first login."]
    return lines


def address():
    host = {"0.0.0.0": "127.0.0.1", "::": "localhost"}.get(settings.HOST, settings.HOST)  # noqa: S104 - compared only
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"


def redis_answers():
    return redis_server.answers(settings.RUN_DIR)


def set_redis_aside():
    return redis_server.set_aside(settings.DATA_DIR / "redis")


def web_answers():
    """True once the web process answers a request."""
    host, _, port = address().removeprefix("http://").rpartition(":")
    connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def worker_reported(pid):
    """True once the render worker kept by process `pid` has reported; its name is host-keeper-child."""
    return any(f"-{pid}-" in report["name"] for report in workers_report.live_workers())
