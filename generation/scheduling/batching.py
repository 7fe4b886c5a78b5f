"""Which jobs can be drawn in one call, whoever asked for them, and how many of them at once."""

import hashlib
import json
import math
from collections import Counter

from django.conf import settings

# Jobs of one key differ in nothing but words, seeds, pictures to start from, and what is done afterwards.
ASKED = ("kind", "width", "height", "steps", "sampler", "guidance", "strength", "clip_skip", "mask_blur")
PINNED = ("version_id", "vae_id", "control_id", "control_weight")
# What a pixel takes while it is drawn, in bytes: an estimate from full-size UNets in float32 (SD 1.5 at 512 px needs
# about 2 GB beside its weights). Half of the free memory may be filled.
BYTES_PER_PIXEL = 8192
MEMORY_SHARE = 0.5
# On a CPU larger calls gain nothing and keep everybody waiting for the last: measured at 128 px, eight pictures in one
# call take 0.35 s each against 0.61 s alone; from 256 px on there is hardly a difference.
CPU_PIXELS = 8 * 256 * 256
# Nobody joins a call that would take longer than this many seconds: whoever comes next waits for its end.
CALL_SECONDS = 8


def key(job, *, loras=(), embeddings=()):
    """The batch key of a job that is about to be saved: `loras` are (version, weight), `embeddings` versions."""
    parts = [getattr(job, name) for name in (*PINNED, *ASKED)]
    worn = sorted((lora.pk, weight) for lora, weight in loras)
    tokens = sorted(version.pk for version in embeddings)
    return hashlib.sha256(json.dumps([parts, sorted(job.outpaint.items()), worn, tokens]).encode()).hexdigest()


def most_pixels(report):
    """How many pixels this worker may draw in one call, from its engine's report (device, free memory)."""
    if report.get("device", "cpu") == "cpu":
        return CPU_PIXELS
    free = (report.get("memory") or {}).get("device_free") or (report.get("memory") or {}).get("free") or 0
    return max(int(free * MEMORY_SHARE / BYTES_PER_PIXEL), CPU_PIXELS)


def fair_share(owners):
    """Pictures of one user that a call may hold while so many users wait."""
    return math.ceil(settings.BATCH_JOBS / owners)


def fill(first, others, *, pixels, share, takes=None):
    """As many of `others` (Waiting, next first) as may be drawn with `first`: BATCH_JOBS pictures in all, `share` of
    each user, `pixels` in all, in CALL_SECONDS as far as `takes` (Waiting -> seconds or None) can say.

    Whoever does not fit ends the row, so that nobody smaller slips past; whoever has had their share lets others by.
    """
    chosen, room, pictures = [], pixels - first.pixels, settings.BATCH_JOBS - first.count
    held, seconds = Counter({first.owner: first.count}), expected(first, takes)
    for entry in others:
        if held[entry.owner] + entry.count > share:
            held[entry.owner] = share  # nor may a smaller one of theirs overtake it
            continue
        seconds += expected(entry, takes)
        if entry.pixels > room or entry.count > pictures or seconds > CALL_SECONDS:
            break
        chosen.append(entry)
        held[entry.owner] += entry.count
        room, pictures = room - entry.pixels, pictures - entry.count
    return chosen


def expected(entry, takes):
    return (takes(entry) if takes else None) or 0
