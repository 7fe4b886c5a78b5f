"""The site's own server with three pages that send a file of BIG_FILE: `python -m tests.ops.big_answers`."""

import os
from pathlib import Path

import django
from django.conf import settings
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from visionary.common.streaming import CHUNK, file_response

FILE = Path(os.environ.get("BIG_FILE", "/dev/null"))


def ranged(request):
    return file_response(request, FILE, content_type="application/octet-stream")


def plain(request):
    return FileResponse(FILE.open("rb"))


async def generated(request):
    async def parts():
        for _ in range(FILE.stat().st_size // CHUNK):
            yield bytes(CHUNK)

    return StreamingHttpResponse(parts())


@csrf_exempt
def echo(request):
    return HttpResponse(
        f"{len(request.body)} {request.headers.get('X-Word')}", status=429, headers={"Set-Cookie": "a=1"}
    )


urlpatterns = [path("ranged", ranged), path("plain", plain), path("generated", generated), path("echo", echo)]

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "visionary.settings")
    # daphne chooses the reactor when it is imported, before anything else of Twisted.
    from visionary import serve

    settings.ROOT_URLCONF = "tests.ops.big_answers"
    django.setup()
    serve.main()
