"""Anything that owners, moderators, strangers and the inspector may do to two models, in any order.

Checked after every act: only legal moves, no file lost, nothing listed or selectable that is not published, and
what strangers try changes nothing.
"""

import itertools
import tempfile
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from generation.asking import resources
from models_hub import findings, jobs, states
from models_hub.inspection import sandbox
from models_hub.inspection.report import inspect_stream
from models_hub.models import Finding, ModelCard, ModelFile, ModelVersion
from tests.factories import UserFactory
from tests.hub import weights
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db(transaction=True)
WHICH, WHO = st.integers(0, 1), st.sampled_from(["owner", "owner", "moderator", "stranger"])
DEEDS = {
    "submit": states.submit,
    "submit again": states.submit,
    "recall": states.recall,
    "approve": states.approve,
    "approve again": states.approve,
    "reject": lambda version, by: states.reject(version, by, "No."),
    "withdraw": lambda version, by: states.withdraw(version, by, "Old."),
    "withdraw all": lambda version, by: states.withdraw(version.card, by, "Old."),
    "restore": states.restore,
    "restore all": lambda version, by: states.restore(version.card, by),
    "take out of the trash": lambda version, by: states.restore(version.card, by),
    "trash": lambda version, by: states.trash(version.card, by),
}
HOW = settings(
    max_examples=25,
    stateful_step_count=12,
    # The same examples each time: a failure can be looked into.
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # Every act writes rows and files: making a failure shorter would take longer than reading it.
    phases=[Phase.explicit, Phase.generate],
)
PICKLE = b"cos\nsystem\n(S'true'\ntR."
COUNTER = itertools.count()
SEEN: set = set()


class Hub(RuleBasedStateMachine):
    """Two models, one of an ordinary owner, one of a trusted one; their acts and everybody else's."""

    @initialize()
    def begin(self):
        self.people = {name: UserFactory() for name in ("owner", "trusted", "moderator", "stranger")}
        for name, group in (("trusted", "Trusted"), ("moderator", "Moderators")):
            self.people[name].groups.add(Group.objects.get_or_create(name=group)[0])
        self.versions = [weights.draft(self.people["owner"]), weights.draft(self.people["trusted"])]
        self.status, self.purged = ["draft", "draft"], [False, False]
        for which in (0, 1):
            self.a_file_arrives_and_is_inspected(which, "good")

    def named(self, which, who):
        return "trusted" if who == "owner" and which else who

    def act(self, which, who, deed):
        """Do it; a stranger must get nowhere, a refusal must change nothing."""
        if self.purged[which]:
            return
        version, by = ModelVersion.objects.get(pk=self.versions[which].pk), self.people[self.named(which, who)]
        before = self.rows()
        try:
            deed(version, by)
        except DomainError:
            assert self.rows() == before
            return
        SEEN.add((self.status[which], ModelVersion.objects.get(pk=version.pk).status))
        may = who == "moderator" or version.card.owner_id == by.pk
        assert may or self.rows() == before

    def rows(self):
        cards = ModelCard.objects.order_by("pk").values_list("status", "deleted_at", "withdrawn_reason")
        versions = ModelVersion.objects.order_by("pk").values_list("status", "path", "taken_down", "reason")
        return list(cards), list(versions)

    @rule(which=WHICH, kind=st.sampled_from(["good", "good", "shared", "pickle", "other family"]))
    def a_file_arrives(self, which, kind):
        self.a_file_arrives_and_is_inspected(which, kind)

    def a_file_arrives_and_is_inspected(self, which, kind):
        version = ModelVersion.objects.get(pk=self.versions[which].pk) if not self.purged[which] else None
        if version is None or version.status not in ("draft", "ready", "rejected", "waiting"):
            return
        with transaction.atomic():
            for old in version.files.all():
                states.storing.drop(old)
                old.delete()
        salt = "" if kind == "shared" else str(next(COUNTER))
        raw = PICKLE if kind == "pickle" else weights.lora(2048 if "other" in kind else 768, salt)
        ModelVersion.objects.filter(pk=version.pk).update(status="inspecting", path="", layout="", sha256=None)
        self.status[which] = "inspecting"
        file = weights.arrive(version, raw)
        jobs.inspect_file(file.pk)
        self.status[which] = ModelVersion.objects.get(pk=version.pk).status

    @rule(which=WHICH, who=WHO, choice=st.sampled_from(["file", "mine"]))
    def a_question_is_answered(self, which, who, choice):
        question = Finding.objects.filter(file__version=self.versions[which].pk, severity="question", answer="").first()
        if question:
            self.act(which, who, lambda version, by: findings.answer(question, by, choice))

    # One rule for all: hypothesis leaves whole rules out of an example, and these need each other.
    @rule(which=WHICH, deeds=st.lists(st.tuples(WHO, st.sampled_from(sorted(DEEDS))), min_size=1, max_size=8))
    def something_is_done(self, which, deeds):
        for who, deed in deeds:
            self.act(which, who, DEEDS[deed])
            self.only_legal_moves_are_made()

    @rule(which=WHICH, sure=st.integers(0, 5))
    def the_thirty_days_are_over(self, which, sure):
        card = ModelCard.objects.filter(pk=self.versions[which].card_id).exclude(deleted_at=None).first()
        if card and not sure:
            assert states.purge(card)
            self.purged[which] = True

    @invariant()
    def only_legal_moves_are_made(self):
        for which, version in enumerate(self.versions if hasattr(self, "versions") else []):
            now = ModelVersion.objects.filter(pk=version.pk).values_list("status", flat=True).first()
            was, self.status[which] = self.status[which], now
            assert (now is None) == self.purged[which]
            # The trash takes back what waited.
            assert now in (None, was) or now in states.MOVES[was], (was, now)

    @invariant()
    def no_file_is_lost(self):
        for file in ModelFile.objects.exclude(state="pending").select_related("version"):
            assert file.full_path.is_file(), file.path
        for version in ModelVersion.objects.filter(status__in=["published", "withdrawn"]):
            assert version.full_path.is_file()
            assert version.sha256 == ModelFile.objects.get(version=version).sha256

    @invariant()
    def only_what_is_published_is_offered(self):
        alive = {v.pk for v in ModelVersion.objects.select_related("card") if v.is_published}
        assert alive == set(ModelVersion.objects.published().values_list("pk", flat=True))
        cards = ModelCard.objects.filter(versions__status="published", deleted_at=None).distinct()
        assert set(cards) == set(ModelCard.objects.published())
        for card in ModelCard.objects.all():
            found = resources.newest("lora", [card.slug])
            assert {version.pk for version in found.values()} <= alive


def looked_at(path, file, role="model"):
    """As sandbox.examine, without a process of its own for each of hundreds of files."""
    with Path(path).open("rb") as stream:
        return inspect_stream(stream, file, role).as_dict()


def test_whatever_is_done_the_rules_hold(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "examine", looked_at)
    Group.objects.get_or_create(name="Trusted"), Group.objects.get_or_create(name="Moderators")

    class Isolated(Hub):
        def __init__(self):
            super().__init__()
            folder = Path(tempfile.mkdtemp(dir=tmp_path))
            self.world = override_settings(QUARANTINE_DIR=folder / "quarantine", MODELS_DIR=folder / "models")
            self.world.enable()

        def teardown(self):
            for model in (ModelFile, ModelVersion, ModelCard):
                model.objects.all().delete()
            self.world.disable()

    run_state_machine_as_test(Isolated, settings=HOW)

    moves = {pair for pair in SEEN if pair[0] != pair[1]}
    # test_states.py makes each of them on purpose; here most have to come up.
    assert len(moves) >= 5, moves
