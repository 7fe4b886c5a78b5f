"""How often something was downloaded, without every download waiting for the same row.

Downloads gather in a hash in Redis; a job of the small-jobs worker adds them to the rows every minute. Once per file,
day and user (or address): a download in forty ranges is one download. While Redis is away the rows are written at once.
"""

import contextlib
import uuid

import django_rq
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from redis.exceptions import RedisError, ResponseError

from models_hub.models import Download, ModelCard, ModelVersion

WAITING = "hub:downloads"
FLUSH_SECONDS = 60
JOB = "models_hub.downloads.counting.flush"
DAY = 24 * 3600


def count(version, *, user, address, file=None):
    """Count one download of `file` (None: all of the version as an archive). Returns whether it is a new one."""
    who = f"user-{user.pk}" if user.is_authenticated else f"at-{address}"
    today = timezone.now().date()
    if not cache.add(f"download:{today}:{version.pk}:{file.pk if file else 'all'}:{who}", 1, DAY):
        return False
    if user.is_authenticated:
        remember(user, version, file)
    try:
        django_rq.get_connection("small").hincrby(WAITING, version.pk, 1)
    except RedisError:
        add({version.pk: 1})
    return True


def remember(user, version, file):
    """Put the file on top of the user's list."""
    now = {"at": timezone.now()}
    if file is not None:
        Download.objects.update_or_create(user=user, version=version, file=file, defaults=now)
    # Two rows without a file are not the same to a database's UNIQUE.
    elif not Download.objects.filter(user=user, version=version, file=None).update(**now):
        Download.objects.create(user=user, version=version, file=None, **now)


def flush():
    """Add what has gathered to the rows. Returns how many downloads that were.

    The hash is renamed first, so that none is lost or counted twice while this works; what a crash leaves under such
    a name is taken by the next round.
    """
    redis = django_rq.get_connection("small")
    with contextlib.suppress(ResponseError):  # nothing has gathered
        redis.rename(WAITING, f"{WAITING}:{uuid.uuid4()}")
    total = 0
    for name in redis.scan_iter(f"{WAITING}:*"):
        found = {int(key): int(number) for key, number in redis.hgetall(name).items()}
        # Deleted inside the transaction: if that fails, the numbers are still there for the next round.
        with transaction.atomic():
            add(found)
            if not redis.delete(name):
                transaction.set_rollback(True)  # another worker has just added it
                continue
        total += sum(found.values())
    return total


@transaction.atomic
def add(numbers):
    """Add {version's key: downloads} to versions and their cards, in one order, so that no two wait for each other."""
    for key, number in sorted(numbers.items()):
        ModelVersion.objects.filter(pk=key).update(downloads=F("downloads") + number)
        ModelCard.objects.filter(versions=key).update(downloads=F("downloads") + number)
