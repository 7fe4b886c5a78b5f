"""Pages under load: p50, p95 and p99 of a running site's pages with 20 clients, at 10 and at 10,000 pictures.

    python -m benchmarks.pages [--clients 20] [--seconds 10] [--pictures 10 10000]

Every client asks for one page after the other without a pause: guests, whose pages are remembered for two seconds
(visionary.common.guest_pages), and signed-in readers, whose pages are rendered each time. Queries per page are counted
in this process, with nothing remembered.
"""

import argparse
import http.client
import statistics
import threading
import time
from datetime import timedelta

from benchmarks import world

PAINTERS = 20
MINUTE = timedelta(minutes=1)


def fill(count):
    """Published pictures with recipes, all showing one file."""
    from django.utils import timezone

    from accounts.models import User
    from gallery.models import Picture, Recipe
    from models_hub.models import ModelVersion

    names = [f"painter{number}" for number in range(PAINTERS)]
    owners = [User.objects.get_or_create(username=name, defaults={"email": f"{name}@example.org"})[0] for name in names]
    version = ModelVersion.objects.get(card__slug="starter-3d")
    fields = {"file": "pictures/00/one.png", "sha256": "0" * 64, "size": 1, "width": 512, "height": 512}
    fields |= {"card": version.card, "visibility": "public", "preview_widths": [256, 512]}
    now = timezone.now()
    missing = count - Picture.objects.count()
    pictures = Picture.objects.bulk_create(
        [
            Picture(
                **fields, owner=owners[number % PAINTERS], title=f"Picture {number}", published_at=now - number * MINUTE
            )
            for number in range(missing)
        ],
        1000,
    )
    recipe = {"version": version, "model_name": "Starter", "model_sha256": version.sha256, "prompt": "a red apple"}
    recipe |= {"seed": 1, "steps": 20, "guidance": 3.0, "sampler": "DPM++ 2M", "width": 128, "height": 128}
    Recipe.objects.bulk_create([Recipe(picture=picture, **recipe) for picture in pictures], 1000)
    return Picture.objects.order_by("pk").first()


def signed_in():
    """The Cookie header of a signed-in reader."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import User

    client = Client()
    client.force_login(User.objects.get_or_create(username="reader", defaults={"email": "reader@example.org"})[0])
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}


def queries(path):
    """How many queries a guest's page takes."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.GUEST_PAGE_SECONDS = 0
    client = Client(headers={"host": "localhost"})
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200, path
    return len(captured)


def load(port, path, clients, seconds, headers):
    """Seconds of every answer to `clients` at once. Raises AssertionError for any answer but 200."""
    took, faults, until = [], [], time.monotonic() + seconds

    def visit():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < until:
            began = time.perf_counter()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            took.append(time.perf_counter() - began)
            if answer.status != 200:
                faults.append(answer.status)

    threads = [threading.Thread(target=visit) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults[:3]
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--pictures", type=int, nargs="+", default=[10, 10_000])
    options = parser.parse_args()
    world.set_up()
    port = world.start_web()
    print(f"{options.clients} clients; milliseconds")
    print(f"{'page':<18}{'reader':<11}{'pictures':>9}{'queries':>9}{'p50':>7}{'p95':>7}{'p99':>7}{'per second':>12}")
    for count in options.pictures:
        picture = fill(count)
        for path in ("/", "/gallery/", picture.get_absolute_url(), "/models/", "/api/pictures/"):
            line(port, path, count, options, "guest", {})
            line(port, path, count, options, "signed in", signed_in())


def line(port, path, count, options, reader, headers):
    asked = queries(path)
    load(port, path, 2, 1, headers)
    took = load(port, path, options.clients, options.seconds, headers)
    p50, p95, p99 = (statistics.quantiles(took, n=100)[place - 1] * 1000 for place in (50, 95, 99))
    name = path if len(path) < 18 else path[:11] + "..."
    rate = len(took) / options.seconds
    print(f"{name:<18}{reader:<11}{count:>9}{asked:>9}{p50:>7.0f}{p95:>7.0f}{p99:>7.0f}{rate:>12.0f}", flush=True)


if __name__ == "__main__":
    main()
