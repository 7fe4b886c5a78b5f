"""A file that has arrived is looked at, named by its hashes, and its version set to ready or rejected."""

import hashlib
import zlib

import pytest
from django.core import mail
from django.utils import timezone, translation

from models_hub import findings, jobs
from models_hub.inspection import sandbox
from models_hub.models import Finding, ForbiddenHash, ModelFile, ModelVersion
from tests.factories import UserFactory
from tests.hub import weights
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    settings.QUARANTINE_DIR, settings.MODELS_DIR = tmp_path / "quarantine", tmp_path / "models"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def codes(file):
    return [finding.code for finding in file.findings.all()]


def test_a_sound_file_is_clean_and_its_version_ready(django_capture_on_commit_callbacks):
    version = weights.draft()

    with django_capture_on_commit_callbacks(execute=True):
        file = weights.inspected(version)

    assert (file.state, version.status, file.precision) == ("clean", "ready", "fp16")
    assert (file.facts["kind"], file.facts["family"], file.facts["rank"]) == ("lora", "sd1", 4)
    assert file.inspected_at is not None
    assert "can be published" in mail.outbox[0].subject


def test_all_hashes_are_those_that_other_tools_compute():
    blake3 = pytest.importorskip("blake3")
    raw = weights.lora()

    file = weights.inspected(weights.draft(), raw)

    header = 8 + int.from_bytes(raw[:8], "little")
    assert {one.kind: one.value for one in file.hashes.all()} == {
        "SHA256": hashlib.sha256(raw).hexdigest(),
        "AutoV2": hashlib.sha256(raw).hexdigest()[:10],
        "AutoV3": hashlib.sha256(raw[header:]).hexdigest()[:12],
        "BLAKE3": blake3.blake3(raw).hexdigest(),
        "CRC32": f"{zlib.crc32(raw):08x}",
    }
    assert file.sha256 == hashlib.sha256(raw).hexdigest()


def test_a_pickle_is_refused_under_any_name_and_the_owner_reads_why():
    version = weights.draft()

    file = weights.inspected(version, b"cos\nsystem\n(S'true'\ntR.")

    assert (file.state, version.status, codes(file)) == ("refused", "rejected", ["pickle"])
    assert "os.system" in version.reason
    assert findings.sentence(file.findings.get()) == version.reason


def test_a_crash_of_the_inspector_refuses_the_file(monkeypatch):
    monkeypatch.setattr(sandbox, "_START", "import os; os.abort()")

    assert codes(weights.inspected(weights.draft())) == ["crashed"]


def test_an_inspector_that_hangs_refuses_the_file(monkeypatch):
    monkeypatch.setattr(sandbox, "_START", "import time; time.sleep(600)")
    monkeypatch.setattr(sandbox.examine, "__defaults__", ("model", 1))

    assert codes(weights.inspected(weights.draft())) == ["too_slow"]


def test_forbidden_content_does_not_come_back():
    raw = weights.lora()
    ForbiddenHash.objects.create(sha256=hashlib.sha256(raw).hexdigest(), reason="Stolen.")

    file = weights.inspected(weights.draft(), raw, name="innocent.safetensors")

    assert (file.state, codes(file)) == ("refused", ["forbidden"])
    assert "Stolen." in findings.sentence(file.findings.get())


def test_a_file_that_shrank_or_is_gone_is_refused():
    for spoil, code in ((lambda path: path.write_bytes(b"x"), "changed"), (lambda path: path.unlink(), "missing")):
        file = weights.arrive(weights.draft(), weights.lora())
        spoil(file.full_path)
        jobs.inspect_file(file.pk)
        assert codes(ModelFile.objects.get(pk=file.pk)) == [code]


def test_a_second_delivery_changes_nothing():
    file = weights.inspected(weights.draft())

    jobs.inspect_file(file.pk)

    assert ModelFile.objects.get(pk=file.pk).inspected_at == file.inspected_at
    assert file.hashes.count() == 5


def test_trigger_words_and_family_are_read_where_the_owner_said_nothing():
    version = weights.draft(family="")

    file = weights.inspected(version, weights.lora(**{"modelspec.trigger_phrase": "ohwx, ink style"}))

    version.card.refresh_from_db()
    assert (version.trigger_words, version.card.family) == (["ohwx", "ink style"], "sd1")
    assert (file.state, set(codes(file))) == ("clean", {"trigger_words_taken", "family_taken"})


@pytest.mark.parametrize(("choice", "family"), [("file", "sdxl"), ("mine", "sd1")])
def test_what_differs_is_a_question_that_the_owner_decides(choice, family):
    version = weights.draft()
    file = weights.inspected(version, weights.lora(2048))
    question = file.findings.get(code="family_differs")

    assert (file.state, version.status) == ("question", "ready")
    findings.answer(question, version.card.owner, choice)

    version.card.refresh_from_db()
    assert version.card.family == family
    assert ModelFile.objects.get(pk=file.pk).state == "clean"


def test_only_the_owner_or_a_moderator_answers_questions():
    file = weights.inspected(weights.draft(), weights.lora(2048))

    with pytest.raises(DomainError) as refused:
        findings.answer(file.findings.get(), UserFactory(), "file")

    assert refused.value.code == "not_allowed"


def test_every_code_has_a_sentence():
    from models_hub.inspection import errors

    file = weights.inspected(weights.draft())
    params = dict.fromkeys(
        ("file", "name", "why", "size", "limit", "imports", "format", "reason", "said", "found", "model"), "x"
    )
    for code in [*errors.SENTENCES, *findings.SENTENCES]:
        for language in ("en", "zh-hans"):
            with translation.override(language):
                text = findings.sentence(Finding(file=file, code=code, params=params))
            assert "%(" not in text, code
            assert len(text) > 8, code


def test_a_companion_is_judged_by_its_role():
    version = weights.draft()
    weights.inspected(version)
    good = weights.inspected(version, b'{"a": 1}', "config.json", role="config")
    bad = weights.inspected(version, b"\x89PNG\r\n\x1a\n" + bytes(40), "config.yaml", role="config")

    assert (good.state, bad.state, version.status) == ("clean", "refused", "rejected")


def test_a_lost_ticket_is_issued_again(monkeypatch):
    ordered = []
    monkeypatch.setattr(jobs, "order", ordered.append)
    file = weights.arrive(weights.draft(), weights.lora())

    assert jobs.sweep(timezone.now() + 2 * jobs.STALE) == 1
    assert ordered == [file.pk]


def test_a_version_whose_last_step_was_lost_is_settled():
    version = weights.ready()
    ModelVersion.objects.filter(pk=version.pk).update(status="inspecting")

    jobs.sweep()

    version.refresh_from_db()
    assert version.status == "ready"
