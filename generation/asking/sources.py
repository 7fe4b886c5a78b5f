"""Pictures that jobs start from: taken in, kept for a while, cleared away.

What is uploaded is decoded under limits and written anew, so that nothing of the file as it came is kept: no metadata,
no second picture behind the first, no format but PNG.
"""

import io
import uuid
from dataclasses import dataclass
from datetime import timedelta

import django_rq
from django.core.cache import cache
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image
from redis.exceptions import RedisError

from gallery.models import Picture
from generation.models import Job, Source
from visionary.common import decoding, files, limits
from visionary.common.exceptions import DomainError

MAX_SOURCES = 200  # of one user
KEEP = timedelta(days=30)
UPLOADS_PER_USER = {"most": 120, "seconds": 60}
CLEAR_EVERY = 6 * 3600  # seconds
# How a form names a picture of the site that is no Source yet.
OFFERED = "picture:"


class BadSource(DomainError):
    code = "bad_source"


def store_source(*, owner, data=None, picture=None, role=Source.Role.SOURCE, like=None):
    """Take in an uploaded picture (`data`, bytes) or a copy of a `picture` of the site, and return its Source.

    The same content twice gives the same row. `like` is the Source whose size a mask gets. Raises BadSource for what
    is no picture, is too large, or may not be started from; TooMany beyond UPLOADS_PER_USER.
    """
    if role not in Source.Role.values:
        raise BadSource(_("role: choose source, mask or guide."), code="bad_value", field="role")
    limits.count("source", str(owner.pk), **UPLOADS_PER_USER)
    if picture is not None:
        data = bytes_of(picture, owner)
    if role == Source.Role.MASK:
        image = decoding.mask(data, size=(like.width, like.height) if like else None)
    else:
        image = decoding.picture(data)
    return keep(owner, role, image, picture)


def crop(*, source, left, top, width, height):
    """The Source that holds a part of `source` (pixels; the same part twice is one row). Raises BadSource."""
    limits.count("source", str(source.owner_id), **UPLOADS_PER_USER)
    if min(left, top) < 0 or left + width > source.width or top + height > source.height:
        message = _("Crop: choose a part within the picture, which is %(width)d × %(height)d.")
        raise BadSource(message % {"width": source.width, "height": source.height}, code="bad_crop", field="left")
    if min(width, height) < decoding.MIN_SIDE:
        message = _("Crop: each side of the part must have at least %(least)d pixels.")
        raise BadSource(message % {"least": decoding.MIN_SIDE}, code="bad_crop", field="width")
    try:
        with Image.open(source.path) as image:
            part = image.crop((left, top, left + width, top + height))
    except FileNotFoundError:
        raise BadSource(_("This source picture is gone. Choose it again."), code="gone", field="source") from None
    return keep(source.owner, source.role, part, source.picture)


def bytes_of(picture, owner):
    """The file of a picture that `owner` may start from. Raises BadSource."""
    check_reusable(picture, owner)
    try:
        return picture.path.read_bytes()
    except FileNotFoundError:
        raise BadSource(_("Source: the file of this picture is gone. Choose another one."), field="source") from None


def check_reusable(picture, user):
    """Raise BadSource unless `user` may start from `picture`: it is theirs, or shown to them and free for reuse."""
    if not Picture.objects.visible_to(user).filter(pk=picture.pk).exists():
        raise no_such_picture()
    if picture.owner_id != user.pk and not picture.may_be_reused:
        message = _("Source: the author of this picture does not let others start from it. Choose another one.")
        raise BadSource(message, code="not_reusable", field="source", status=403)


def no_such_picture():
    return BadSource(_("Source: there is no such picture, or you may not see it."), field="source", status=404)


def keep(owner, role, image, picture):
    """The row for `image` (PIL), with its file; an equal one of the same owner and role is used again."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=4)
    data = buffer.getvalue()
    digest = files.sha256(data)
    with files.staged() as stage, transaction.atomic():
        fresh = new_row(owner, picture, image, data)
        row, created = Source.objects.get_or_create(owner=owner, role=role, sha256=digest, defaults=fresh)
        if created or not row.path.exists():
            stage.write(row.path, data)
        if not created:
            renew(row, picture)
        make_room(owner, row)
        stage.carry_out()
        transaction.on_commit(order_clearing)
    return row


def new_row(owner, picture, image, data):
    key = uuid.uuid4()
    size = {"width": image.width, "height": image.height, "size": len(data)}
    return {"id": key, "file": f"sources/{key.hex[:2]}/{key}.png", "picture": picture, **size}


def renew(source, picture=None):
    """Note that `source` was used now; a copy of a picture of the site remembers which."""
    source.used_at = timezone.now()
    if picture is not None:
        source.picture = picture
    source.save(update_fields=["used_at", "picture"])


def unused():
    """Sources that no job under way needs."""
    needed = Job.objects.active().filter(
        models.Q(source=models.OuterRef("pk"))
        | models.Q(mask=models.OuterRef("pk"))
        | models.Q(control_source=models.OuterRef("pk"))
    )
    return Source.objects.filter(~models.Exists(needed))


def make_room(owner, newest):
    """Let the least recently used go when `owner` has more than MAX_SOURCES. Raises BadSource when all are in use."""
    over = Source.objects.for_user(owner).count() - MAX_SOURCES
    if over <= 0:
        return
    old = list(unused().for_user(owner).exclude(pk=newest.pk).order_by("used_at", "pk")[:over])
    if len(old) < over:
        message = _("You have %(most)d source pictures in use. Wait until some of your jobs are done.")
        raise BadSource(message % {"most": MAX_SOURCES}, code="too_many_sources", field="source", status=429)
    remove(old)


def clear(now=None):
    """Remove what nobody has used for KEEP and no job under way needs. Returns how many."""
    old = list(unused().filter(used_at__lt=(now or timezone.now()) - KEEP)[:1000])
    with transaction.atomic():
        remove(old)
    return len(old)


def discard(source):
    """Remove one source. Raises BadSource while a job under way needs it."""
    with transaction.atomic():
        if not unused().filter(pk=source.pk).exists():
            message = _("A job under way needs this source. Wait until it is over.")
            raise BadSource(message, code="in_use", status=409)
        remove([source])


def remove(sources):
    Source.objects.filter(pk__in=[source.pk for source in sources]).delete()
    files.remove_on_commit(*(source.path for source in sources))


def order_clearing():
    """Have the small-jobs worker clear up, a few times a day at most; `manage.py clear_sources` does it by hand."""
    if cache.add("generation:sources-cleared", 1, CLEAR_EVERY):
        try:
            django_rq.get_queue("small").enqueue("generation.asking.sources.clear", result_ttl=0)
        except RedisError:
            return


@dataclass(frozen=True)
class Offered:
    """A picture of the site that a form starts from: it becomes a Source when the form is sent, not before."""

    picture: Picture

    @property
    def pk(self):
        return f"{OFFERED}{self.picture.pk}"

    @property
    def width(self):
        return self.side("width")

    @property
    def height(self):
        return self.side("height")

    def side(self, name):
        """As large as the Source will be."""
        scale = min(1, decoding.KEEP_SIDE / max(self.picture.width, self.picture.height))
        return max(1, round(getattr(self.picture, name) * scale))

    def get_absolute_url(self):
        return self.picture.file_url


def offered(user, text):
    """The Offered that a form's value "picture:<id>" names, or None when `user` may not start from it."""
    if not str(text).startswith(OFFERED):
        return None
    picture = Picture.objects.visible_to(user).filter(pk=uuid_of(str(text).removeprefix(OFFERED))).first()
    try:
        if picture is not None:
            check_reusable(picture, user)
    except BadSource:
        return None
    return Offered(picture) if picture else None


def take_in(*, owner, role, text):
    """The Source that a form's value "picture:<id>" becomes. Raises BadSource."""
    found = offered(owner, text)
    if found is None:
        raise no_such_picture()
    return store_source(owner=owner, picture=found.picture, role=role)


def owned(user, key, *, role=None):
    """The Source `key` (UUID or text) of `user`, or None."""
    found = Source.objects.for_user(user).filter(pk=uuid_of(key))
    return found.filter(role=role).first() if role else found.first()


def uuid_of(text):
    """The UUID that `text` says, or None."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None
