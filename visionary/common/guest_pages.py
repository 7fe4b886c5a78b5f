"""Pages for readers who are nobody in particular, remembered for a moment.

A guest without a session sees the same page as any other, so one rendering serves all who ask within
GUEST_PAGE_SECONDS. Each process has a memory of its own: no page is older than that, wherever it comes from, and
what a moderator hides is gone for guests as soon. While one thread renders a page anew the others still get the old.
"""

import functools
import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language

PAGES = 256
# Bytes of a page; larger ones are rendered every time.
LARGEST = 512 * 1024
# What a rendering may depend on besides the address, and what a browser's cache must know about it.
COOKIES = ("theme",)
HEADERS = ("HX-Request", "HX-Target", "HX-Request-Type", "Accept")
# Where forms carry the reader's CSRF token; whoever writes this into a title sees it escaped.
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([A-Za-z0-9]{64})"')
VARY = ("Cookie", "Accept-Language", "Accept", "HX-Request")


@dataclass
class Kept:
    body: bytes
    content_type: str
    token: bytes
    until: float
    is_being_renewed: bool = False


_pages: OrderedDict[tuple, Kept] = OrderedDict()
_lock = threading.Lock()


def remembered(view):
    """A view whose pages for guests are kept for GUEST_PAGE_SECONDS; 0 keeps none."""

    @functools.wraps(view)
    def answer(request, *args, **kwargs):
        if not (settings.GUEST_PAGE_SECONDS and is_nobody(request)):
            return view(request, *args, **kwargs)
        key = key_of(request)
        if kept := take(key):
            return filled(request, kept)
        try:
            return keep(key, request, view(request, *args, **kwargs))
        except BaseException:
            forget(key)  # or everybody would be shown the old page until this one's renewal ends
            raise

    return answer


def is_nobody(request):
    """Nothing in the request says who asks."""
    signs = (settings.SESSION_COOKIE_NAME in request.COOKIES, "Authorization" in request.headers)
    return request.method == "GET" and not any(signs) and "messages" not in request.COOKIES


def key_of(request):
    cookies = (request.COOKIES.get(name) for name in COOKIES)
    headers = (request.headers.get(name) for name in HEADERS)
    return (request.scheme, request.get_host(), request.get_full_path(), get_language(), *cookies, *headers)


def take(key):
    """The page to show, or None for whoever has to render it."""
    with _lock:
        kept = _pages.get(key)
        if kept is None:
            return None
        _pages.move_to_end(key)
        if kept.until > time.monotonic() or kept.is_being_renewed:
            return kept
        kept.is_being_renewed = True
        return None


def keep(key, request, response):
    """Remember a rendering that went well and that starts no session; everything else is only passed on."""
    renders = getattr(response, "render", None)
    if renders and not response.is_rendered:
        response = response.render()
    ordinary = response.status_code == 200 and not response.streaming and not response.cookies
    if not ordinary or request.session.modified or len(response.content) > LARGEST:
        forget(key)
        return response
    tokens = set(TOKEN.findall(response.content))
    if len(tokens) != bool(request.META.get("CSRF_COOKIE_NEEDS_UPDATE")):
        forget(key)  # a token in a place that is not known here must not reach another reader
        return response
    token = tokens.pop() if tokens else b""
    until = time.monotonic() + settings.GUEST_PAGE_SECONDS
    with _lock:
        _pages[key] = Kept(response.content, response.headers["Content-Type"], token, until)
        while len(_pages) > PAGES:
            _pages.popitem(last=False)
    return response


def forget(key=None):
    """Drop one page, or all of them."""
    with _lock:
        if key is None:
            _pages.clear()
        else:
            _pages.pop(key, None)


def filled(request, kept):
    body = kept.body.replace(kept.token, get_token(request).encode()) if kept.token else kept.body
    response = HttpResponse(body, content_type=kept.content_type)
    patch_vary_headers(response, VARY)
    return response
