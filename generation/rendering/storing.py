"""A job's pictures as they come: each is checked and stored as soon as it is finished, while the lease holds.

A worker that dies leaves what it has stored, and whoever takes the job next draws only what is missing: UNIQUE(job,
index) and the picture's id, made of the two, let nothing come twice.
"""

import logging
import time

from django.db import DatabaseError, transaction

from accounts.models import User
from gallery import services as gallery
from gallery import verdicts
from gallery.models import Verdict
from generation.models import Job, Result
from generation.recipes import lineage, recipes
from generation.rendering import checking
from generation.watching import progress
from generation.watching.herald import herald
from visionary.common import files

logger = logging.getLogger(__name__)


class LeaseLost(Exception):
    """The job was cancelled or given to another worker while its pictures were being written."""


class Pictures:
    """The pictures of one job under its lease. `missing` are the numbers of those that must be drawn.

    reporter: the Reporter that tells how far the job is. `seconds`: spent on checking and saving.
    """

    def __init__(self, lease, job, reporter=None):
        self.lease, self.job, self.reporter = lease, job, reporter
        there = {result.index for result in job.results.all()}
        self.missing = [index for index in range(job.count) if index not in there]
        self.left = list(self.missing)
        self.kept = {}  # index -> Checked, stored with the job's end
        self.seconds = {"check": 0.0, "save": 0.0}

    def take(self, place, image, facts):
        """Store a finished picture at once; `place` is its number among the missing. The last one, and one that must
        be drawn again, are left for the job's end. Raises LeaseLost."""
        index = self.missing[place]
        if self.left == [index]:
            return
        one = self.check(index, image, place)
        if checking.must_be_redrawn(self.job, one):
            self.kept[index] = one
            return
        try:
            self.store(index, one, facts, place)
        except (DatabaseError, OSError):
            logger.exception("picture %d of job %s could not be stored yet", index, self.job.pk)
            self.kept[index] = one
        else:
            self.left.remove(index)
            progress.tell_results(self.job)

    def check(self, index, image, place):
        self.say(Job.Stage.CHECKING, place)
        started = time.monotonic()
        one = checking.checked(self.job, index, image)
        self.seconds["check"] += time.monotonic() - started
        return one

    def store(self, index, one, facts, place):
        """One picture in a transaction of its own, which holds the job's row: nobody can take it meanwhile."""
        self.say(Job.Stage.SAVING, place)
        started = time.monotonic()
        fields, png = self.prepared(one, facts)
        with files.staged() as stage, transaction.atomic():
            if not self.lease.renew(stage=Job.Stage.SAVING):
                raise LeaseLost
            # Published with the others, once the job is done.
            write(stage, self.job, index, one, fields, png, publish=False)
            stage.carry_out()
        self.seconds["save"] += time.monotonic() - started

    def prepared(self, one, facts):
        """(columns of the recipe, PNG with its size and placeholder)."""
        fields = recipes.fields(self.job, facts, one.seed)
        return fields, gallery.encode(one.image, fields)

    def rest(self, rendered):
        """{index: Checked} of what is not stored yet. What came out blank or as noise is drawn once more."""
        for place, image in enumerate(rendered.images):
            index = self.missing[place]
            if index in self.left and index not in self.kept:
                self.kept[index] = self.check(index, image, place)
        for one in self.kept.values():
            if checking.must_be_redrawn(self.job, one):
                checking.draw_again(self.lease, self.job, one)
        return {index: self.kept[index] for index in sorted(self.left)}

    def say(self, stage, place):
        """Where the worker is, before it gets on: which picture of how many."""
        if self.lease.renew(stage=stage) and self.reporter:
            self.reporter.say(stage.value, self.missing[place], self.job.count, place)
        elif self.reporter is None:
            herald.say(self.job.pk, stage=stage.value, step=place, steps=len(self.missing))


def write(stage, job, index, one, fields, png, *, publish):
    """Picture `index` of a job with all that belongs to it, inside the caller's transaction."""
    picture = gallery.store(stage, id=job.picture_id(index), owner=job.owner, png=png, recipe=fields, publish=publish)
    Result.objects.create(job=job, index=index, picture=picture)
    if one.verdict:
        verdicts.record(picture, one.verdict, was_drawn_again=one.was_drawn_again)
    lineage.record(job, picture)


def may_publish(owner_id):
    """Whether the owner may still show something to others: a sanction may have come while the job was drawn."""
    owner = User.objects.get(pk=owner_id)
    return owner.is_active and not owner.is_banned and not owner.is_muted


def publish(job, now):
    """Show the pictures that were stored before the job's end, as its owner has asked: those that are clean."""
    doubtful = Verdict.objects.exclude(decision=Verdict.Decision.CLEAN).values("picture")
    for result in job.results.filter(picture__deleted_at=None).exclude(picture__in=doubtful).select_related("picture"):
        picture = result.picture
        picture.visibility, picture.published_at = picture.Visibility.PUBLIC, now
        picture.save(update_fields=["visibility", "published_at"])
