"""Avatars and covers: taken in, written anew by a limited child process, shown in two sizes, removed."""

import itertools
import json
import re
import subprocess
import sys
import threading
import uuid
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Profile
from visionary.common import files, limits
from visionary.common.exceptions import DomainError

CHILD = Path(__file__).with_name("portrait_child.py")
# What is shown, in pixels: small and large. The page cuts to the shape by the owner's focus.
SIZES = {"avatar": ((96, 96), (320, 320)), "cover": ((800, 200), (1600, 400))}
NAMES = ("small", "large")
MAX_BYTES = 10 * 1024 * 1024
SECONDS = 20
UPLOADS_PER_USER = {"most": 20, "seconds": 600}
NAME = re.compile(r"(?:avatar|cover)s/[0-9a-f]{2}/[0-9a-f]{32}")
# Children at the same time in one web process: each may take a gigabyte and a core.
ROOM = threading.Semaphore(1)


class NoPortrait(DomainError):
    code = "bad_picture"


def replace(*, user, which, data):
    """Make `data` (bytes of a JPEG, PNG or WebP) the "avatar" or "cover" of `user`; the old one's files go.

    Raises NoPortrait for what is no such picture, TooMany beyond UPLOADS_PER_USER.
    """
    limits.count("portrait", str(user.pk), **UPLOADS_PER_USER)
    name = f"{which}s/{(key := uuid.uuid4().hex)[:2]}/{key}"
    with files.staged() as stage:
        for size, content in zip(NAMES, made(data, SIZES[which]), strict=True):
            stage.write(path(name, size), content)
        stage.carry_out()
    put(user, which, name)
    return name


def remove(*, user, which):
    """Back to the letter on a colour, or to no cover."""
    put(user, which, "")


@transaction.atomic
def put(user, which, name):
    profile = Profile.objects.select_for_update().get(user=user)
    old = getattr(profile, which)
    setattr(profile, which, name)
    profile.save(update_fields=[which])
    if old:
        files.remove_on_commit(*(path(old, size) for size in NAMES))


def path(name, size):
    return settings.MEDIA_ROOT / f"{name}.{size}.webp"


def files_of(profile):
    """Every file of a profile's pictures."""
    return [path(name, size) for name in (profile.avatar, profile.cover) if name for size in NAMES]


def made(data, sizes):
    """WebP bytes for each of `sizes`. Raises NoPortrait."""
    if not data:
        raise NoPortrait(_("Picture: choose a file."), code="required", field="file")
    if len(data) > MAX_BYTES:
        raise too_big()
    head, _newline, body = by_child(data, sizes).partition(b"\n")
    told = json.loads(head)
    if "error" in told:
        raise refusal(told)
    cuts = [sum(told["sizes"][:number]) for number in range(len(sizes) + 1)]
    return [body[begin:end] for begin, end in itertools.pairwise(cuts)]


def too_big():
    message = _("Picture: use a file of at most %(most)d MB.") % {"most": MAX_BYTES // 1024 // 1024}
    return NoPortrait(message, code="too_big", field="file", status=413)


def by_child(data, sizes):
    """What accounts/portrait_child.py answers; a broken-off one counts as a broken picture."""
    command = [sys.executable, "-I", str(CHILD), *(f"{width}x{height}" for width, height in sizes)]
    # An empty environment: secrets of the site are none of a decoder's business.
    options = {"input": data, "capture_output": True, "timeout": SECONDS, "env": {}, "cwd": "/"}
    with ROOM:
        try:
            done = subprocess.run(command, **options)  # noqa: S603 - our own
        except subprocess.TimeoutExpired:
            return b'{"error": "broken"}\n'
    return done.stdout if done.returncode == 0 and done.stdout else b'{"error": "broken"}\n'


def refusal(told):
    sentences = {
        "format": _("Picture: use a JPEG, PNG or WebP file."),
        "broken": _("Picture: this file cannot be read. Use a JPEG, PNG or WebP file."),
        "too_small": _("Picture: it is too small; each side must have at least %(least)d pixels."),
        "too_big": _("Picture: it is %(width)d × %(height)d; use one of at most 50 megapixels."),
    }
    return NoPortrait(sentences[told["error"]] % told, code=told["error"], field="file")
