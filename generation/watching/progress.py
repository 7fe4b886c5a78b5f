"""How far a job has got, told the same way to sockets, to polling and to the API.

The row has the state; Redis has what changes many times a second (step, preview). A message is the whole state,
never a difference: the channel layer may drop messages, and the next one heals that.
"""

import base64
import functools
import json
import logging
import time
from typing import NamedTuple

import django_rq
from django.urls import reverse
from redis.exceptions import RedisError

from generation.models import Job
from generation.scheduling import estimates
from generation.watching import broadcast

logger = logging.getLogger(__name__)

QUEUE_GROUP = "queue"
KEEP_SECONDS = 3600
# The share of the way that each stage has behind it when it begins, in percent.
STARTS = {"queued": 0, "loading": 0, "denoising": 5, "decoding": 80, "upscaling": 85, "checking": 95, "saving": 97}
ENDS = {"queued": 0, "loading": 5, "denoising": 80, "decoding": 85, "upscaling": 95, "checking": 97, "saving": 100}


def group_name(job_id):
    return f"job.{job_id}"


def owner_group(user_id):
    return f"jobs-of.{user_id}"


def stage_percent(stage, step, steps):
    share = min(step / steps, 1) if steps else 0
    return round(STARTS[stage] + share * (ENDS[stage] - STARTS[stage]))


class Batch(NamedTuple):
    """The pictures that are denoised together: the number of the first among those drawn now, and how many."""

    first: int
    pictures: int


# How far each picture of a batch is that has been denoised.
AFTER = {"decoding": (0.0, 0.25), "upscaling": (0.25, 0.75), "checking": (0.75, 0.85), "saving": (0.85, 1.0)}


def percent_of_all(stage, step, steps, batch, index, *, done=0, count=1):
    """How far a job is that draws its pictures batch by batch and ends them one by one; `done` of its `count` were
    there before. It never goes back from one sign of life to the next."""
    if stage in ("queued", "loading"):
        return round(100 * done / count) if done else stage_percent(stage, step, steps)
    if stage == "denoising":
        share = stage_percent(stage, step, steps) / 100
    else:
        low, high = AFTER[stage]
        inside = min(step / steps, 1) if stage == "upscaling" and steps else 0.5
        share = 0.8 + 0.2 * (index - batch.first + low + inside * (high - low)) / max(batch.pictures, 1)
    return round(100 * min((done + batch.first + share * batch.pictures) / count, 1))


@functools.cache
def connection():
    """One client for the process: making one costs a millisecond, and every step of a job asks for it."""
    return django_rq.get_connection("render")


def key(job_id):
    return f"job:{job_id}"


def next_seq(job_id):
    """A number that only grows for a job, also across workers; clients ignore what is older than what they have."""
    try:
        pipe = connection().pipeline()
        pipe.incr(f"{key(job_id)}:seq")
        pipe.expire(f"{key(job_id)}:seq", 24 * KEEP_SECONDS)
        # Time in front: the numbers go on growing after Redis was emptied.
        return pipe.execute()[0] + int(time.time()) * 1000
    except RedisError:
        return int(time.time() * 1000)


def latest(job_id):
    """What the worker said last: stage, step, steps, preview. Empty when Redis is down or nothing was said."""
    try:
        stored = connection().get(key(job_id))
    except RedisError:
        return {}
    return json.loads(stored) if stored else {}


def snapshot(job):
    """The whole state of a job as JSON-ready data, read afresh."""
    return state_of(Job.objects.with_details().get(pk=job.pk))


def state_of(job):
    """The whole state of a job that has just been read with its details."""
    said = latest(job.pk) if job.state == Job.State.RUNNING else {}
    stage = said.get("stage") or job.stage
    step, steps = said.get("step", job.step), said.get("steps", job.steps)
    return {
        "job": str(job.pk),
        "seq": said.get("seq") or next_seq(job.pk),
        "kind": job.kind,
        "held": job.state == Job.State.HELD,
        "state": job.state,
        "state_label": job.get_state_display(),
        "stage": stage,
        "stage_label": str(Job.Stage(stage).label),
        "step": step,
        "steps": steps,
        "percent": 100 if job.state == Job.State.DONE else said.get("percent", stage_percent(stage, step, steps)),
        **outlook(job),
        "preview": said.get("preview"),
        "index": said.get("index", 0),
        "pictures": [picture_state(result.picture) | {"index": result.index} for result in shown_results(job)],
        "withheld": sum(result.picture.is_blocked for result in job.results.all()),
        "error": {"code": job.error_code, "message": job.failure} if job.state == Job.State.FAILED else None,
        "seconds": job.seconds,
        "attempts": job.attempts,
        "created_at": job.created_at.isoformat(),
        "url": job.get_absolute_url(),
        "cancel_url": reverse("generation:cancel", args=[job.pk]),
        "retry_url": reverse("generation:retry", args=[job.pk]),
    }


def shown_pictures(job):
    """The job's pictures that its owner may see: not those in the trash, nor what the output check has blocked."""
    return [result.picture for result in shown_results(job)]


def shown_results(job):
    return [result for result in job.results.all() if result.picture.is_shown_to_owner]


def outlook(job):
    """What waits for the job: place in the queue, expected start (ISO) and seconds, or why it cannot start."""
    forecast = estimates.of(job)
    start = forecast.start if forecast else None
    return {
        "place": forecast.place if forecast else None,
        "expected_start": start.isoformat() if start else None,
        "expected_seconds": expected_seconds(job, forecast),
        "wait_reason": "" if start else estimates.wait_reason(job),
    }


def expected_seconds(job, forecast):
    """Seconds of drawing, to a tenth, while the job is waiting or running; None when nobody can say."""
    if job.is_over:
        return None
    seconds = forecast.seconds if forecast else estimates.expected_seconds(job)
    return None if seconds is None else round(seconds, 1)


def picture_state(picture):
    return {
        "id": str(picture.pk),
        "url": picture.get_absolute_url(),
        "small_url": picture.small_url,
        "medium_url": picture.medium_url,
        "file_url": picture.file_url,
        "placeholder": picture.placeholder,
        "width": picture.width,
        "height": picture.height,
        "alt": picture.alt,
    }


def say(job_id, **state):
    """Note and send what the worker is at (see `note`)."""
    broadcast.send(note(job_id, **state))


def note(job_id, *, stage, step, steps, preview=None, index=0, percent=None):
    """Note what the worker is at; returns (group, message) for those who watch. Fails silently: progress is no job.

    `index` is the first picture that the preview shows; a preview shows those drawn together side by side.
    """
    state = {"seq": next_seq(job_id), "stage": stage, "stage_label": str(Job.Stage(stage).label)}
    state |= {"step": step, "steps": steps}
    state["percent"] = stage_percent(stage, step, steps) if percent is None else percent
    earlier = {} if preview else latest(job_id)
    state["preview"] = data_url(preview) if preview else earlier.get("preview")
    state["index"] = index if preview else earlier.get("index", 0)
    try:
        connection().set(key(job_id), json.dumps(state), ex=KEEP_SECONDS)
    except RedisError as error:
        logger.warning("progress of job %s not noted: %s", job_id, error)
    message = {"type": "job.progress", "state": {"job": str(job_id), "state": Job.State.RUNNING.value, **state}}
    return group_name(job_id), message


def tell_results(job):
    """Tell that a picture of a running job is there."""
    broadcast.send((group_name(job.pk), {"type": "job.changed"}), (owner_group(job.owner_id), {"type": "mine.changed"}))


def announce(job):
    """Tell that a job's state has changed, and everybody who waits that the queue has moved."""
    if job.is_over or job.state == Job.State.QUEUED:
        forget(job.pk)
    broadcast.send(
        (group_name(job.pk), {"type": "job.changed"}),
        (owner_group(job.owner_id), {"type": "mine.changed"}),
        (QUEUE_GROUP, {"type": "queue.moved"}),
    )


def tell_owner(user_id):
    """Have the owner's open pages look at their jobs again."""
    broadcast.send((owner_group(user_id), {"type": "mine.changed"}))


def forget(job_id):
    try:
        connection().delete(key(job_id))
    except RedisError as error:
        logger.warning("progress of job %s not removed: %s", job_id, error)


def data_url(webp):
    return "data:image/webp;base64," + base64.b64encode(webp).decode()
