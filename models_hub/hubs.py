"""Fetching a repository of a model hub by plain HTTPS, the way that Hugging Face and its mirrors serve them."""

import json
import re
import shutil
import urllib.error
import urllib.request
from pathlib import Path, PurePosixPath
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _

from visionary.common.exceptions import DomainError

HUB = "https://huggingface.co"
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}\Z")
SECONDS = 30  # without a byte, then the hub is taken for unreachable
MAX_LIST = 5_000_000  # bytes
MAX_FILES = 500
RESERVE = 512 * 1024 * 1024  # bytes left free
# What a diffusers repository needs; never pickles, never code.
_PART = re.compile(r"[\w-]+/[\w.-]+\.(json|txt|safetensors)\Z")
_PARTS = ("unet/", "vae/", "text_encoder/", "text_encoder_2/", "tokenizer/", "tokenizer_2/", "scheduler/")


class HubRefused(DomainError):
    code = "hub_unreachable"
    status = 502


def fetch(name, folder: Path, hub=HUB, tell=lambda line: None) -> Path:
    """Download what the site can use of the repository `name` ("owner/name") below `folder`.

    Returns the folder with the files. Raises HubRefused with the reason: no network, no such repository, nothing
    to use, no room.
    """
    wanted = chosen(names_in(name, hub))
    if not wanted:
        raise HubRefused(_("%(name)s holds no .safetensors files.") % {"name": name})
    target = folder / name.rpartition("/")[2]
    for file in wanted:
        tell(f"{name}/{file}")
        take(f"{hub}/{name}/resolve/main/{quote(file)}", target / file, name, hub)
    return target


def names_in(name, hub):
    """The paths of the files in a repository."""
    with opened(f"{hub}/api/models/{name}", name, hub) as answer:
        raw = answer.read(MAX_LIST + 1)
    try:
        listed = json.loads(raw)["siblings"]
        names = [str(one["rfilename"]) for one in listed]
    except (ValueError, KeyError, TypeError):
        raise HubRefused(_("The hub did not answer as a hub does: %(hub)s") % {"hub": hub}) from None
    return [one for one in names if is_plain(one)][:MAX_FILES]


def is_plain(name):
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and not {"..", "."} & set(path.parts) and "\\" not in name


def chosen(names):
    """The files of a diffusers folder where there is one, else the .safetensors files beside the read-me."""
    if "model_index.json" not in names:
        return [name for name in names if "/" not in name and name.endswith(".safetensors")]
    parts = [name for name in names if _PART.match(name) and name.startswith(_PARTS)]
    return ["model_index.json", *(name for name in parts if not is_spare(name, set(parts)))]


def is_spare(name, names):
    """Another precision of weights that are there plainly, or a flavour that the site does not load."""
    if not name.endswith(".safetensors"):
        return False
    plain = name.replace(".fp16.", ".")
    return ".non_ema." in name or "-of-" in name or (plain != name and plain in names)


def take(address, path, name, hub):
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened(address, name, hub) as answer, path.open("wb") as file:
        announced = int(answer.headers.get("Content-Length") or 0)
        if shutil.disk_usage(path.parent).free < announced + RESERVE:
            message = _("There is no room for %(megabytes)d MB.") % {"megabytes": announced // 1_000_000}
            raise HubRefused(message, code="disk_full")
        try:
            shutil.copyfileobj(answer, file, 4 * 1024 * 1024)
        except OSError as error:
            raise lost(name, error) from error
        if announced and file.tell() != announced:
            raise lost(name, _("the connection was cut"))


def opened(address, name, hub):
    """An open answer. Raises HubRefused; an https hub is never left for a plain address."""
    request = urllib.request.Request(address, headers={"User-Agent": "visionary-art"})  # noqa: S310 - checked below
    if urlsplit(hub).scheme not in ("http", "https"):
        raise HubRefused(_("A hub's address begins with https://."))
    try:
        answer = urllib.request.urlopen(request, timeout=SECONDS)  # noqa: S310 - the scheme is checked
    except urllib.error.HTTPError as error:
        if error.code in (401, 403, 404):
            message = _("%(name)s is not on %(hub)s, or is not open to everybody.")
            raise HubRefused(message % {"name": name, "hub": hub}, code="no_such_repository") from None
        raise lost(name, f"HTTP {error.code}") from None
    except (OSError, ValueError) as error:
        raise lost(name, getattr(error, "reason", error)) from error
    if urlsplit(hub).scheme == "https" and urlsplit(answer.url).scheme != "https":
        raise lost(name, _("the hub led to an unsafe address"))
    return answer


def lost(name, reason):
    message = _("%(name)s could not be downloaded: %(reason)s. Or give a path to files you have.")
    return HubRefused(message % {"name": name, "reason": str(reason)[:200].rstrip(". ")})
