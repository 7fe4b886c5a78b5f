"""How much one user may bring: bytes in all, and uploads under way at once. Settings UPLOAD_QUOTA, by role."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from accounts import roles
from models_hub.models import ModelFile, Upload
from models_hub.uploads import quarantine
from visionary.common.exceptions import DomainError


class QuotaExceeded(DomainError):
    code = "upload_quota"
    status = 413


@dataclass(frozen=True)
class Usage:
    """Bytes and open uploads of a user, each with the most there may be (0: no limit)."""

    used: int
    most: int
    open: int
    most_open: int

    @property
    def percent(self):
        return min(round(100 * self.used / self.most), 100) if self.most else 0


def usage(user):
    """The Usage of `user`. What lies in the trash still takes its room."""
    quota = settings.UPLOAD_QUOTA.get(roles.standing(user)) or settings.UPLOAD_QUOTA["user"]
    coming = Upload.objects.filter(owner=user, file=None).exclude(state=Upload.State.FAILED)
    stored = ModelFile.objects.filter(version__card__owner=user)
    sent, kept = coming.aggregate(Sum("length"))["length__sum"], stored.aggregate(Sum("size"))["size__sum"]
    under_way = coming.filter(state=Upload.State.RECEIVING).count()
    return Usage((sent or 0) + (kept or 0), quota["bytes"], under_way, quota["open"])


def check(user, length):
    """Raise unless `user` may begin an upload of `length` bytes. Call it with the user's row locked."""
    if length > settings.UPLOAD_MAX_BYTES:
        message = _("File: it may have at most %(most)s.")
        raise QuotaExceeded(message % {"most": filesizeformat(settings.UPLOAD_MAX_BYTES)}, code="too_big", field="file")
    now = usage(user)
    if now.most_open and now.open >= now.most_open:
        message = _("You have %(open)d uploads under way, which is the most at once. Finish or remove one.")
        raise QuotaExceeded(message % {"open": now.open}, code="too_many_uploads", status=429)
    if now.most and now.used + length > now.most:
        message = _("Your files take %(used)s of %(most)s; this one has %(length)s. Delete something you do not need.")
        sizes = {"used": now.used, "most": now.most, "length": length}
        raise QuotaExceeded(message % {name: filesizeformat(size) for name, size in sizes.items()}, field="file")
    check_disk(length)


def check_disk(length):
    """Room is promised to what is under way already. Raises DiskFull."""
    coming = Upload.objects.filter(state=Upload.State.RECEIVING).aggregate(length=Sum("length"), offset=Sum("offset"))
    promised = (coming["length"] or 0) - (coming["offset"] or 0)
    if quarantine.free_bytes() < promised + length:
        message = _("There is no room on the disk of the site for this file now. Tell the operator, or try later.")
        raise quarantine.DiskFull(message, retry_after=3600)
