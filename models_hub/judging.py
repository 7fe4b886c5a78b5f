"""From what inspection saw to rows: facts, hashes, findings, the file's state."""

from django.utils import timezone

from models_hub import storing
from models_hub.inspection import BadFile
from models_hub.models import FileHash, Finding, ForbiddenHash, ModelCard, ModelFile, ModelVersion

Severity = Finding.Severity
# Families between which a file's tensors cannot tell, or that draw alike.
ALIKE = {"sd2-v": "sd2"}
MAX_WORDS = 300  # characters of trigger words shown in a finding


def forbidden(file, hashes):
    """The BadFile for content that may not come in, or None."""
    row = ForbiddenHash.objects.filter(sha256=hashes["SHA256"]).first()
    return BadFile("forbidden", file=file.name, reason=row.reason) if row else None


def note(file, hashes, facts, refused):
    """Write down an inspection, inside the caller's transaction. `refused` is the BadFile, if it was refused."""
    # It may have been forbidden while it was being looked at.
    refused = refused or (forbidden(file, hashes) if hashes else None)
    file.sha256 = hashes.get("SHA256", "")
    findings = [refusal(file, refused)] if refused else list(judged(file, facts))
    refused_now = any(one.severity == Severity.REFUSED for one in findings)
    file.state = state_of(findings)
    file.precision, file.facts, file.inspected_at = facts.get("precision", "")[:12], facts, timezone.now()
    if not refused_now:
        findings += link(file)
    file.save(update_fields=["sha256", "state", "precision", "facts", "inspected_at", "path"])
    FileHash.objects.filter(file=file).delete()
    FileHash.objects.bulk_create(FileHash(file=file, kind=kind, value=value) for kind, value in hashes.items())
    Finding.objects.filter(file=file).delete()
    Finding.objects.bulk_create(findings)


def state_of(findings):
    found = {finding.severity for finding in findings}
    if Severity.REFUSED in found:
        return ModelFile.State.REFUSED
    return ModelFile.State.QUESTION if Severity.QUESTION in found else ModelFile.State.CLEAN


def refusal(file, error):
    return Finding(file=file, severity=Severity.REFUSED, code=error.code, params=error.params)


def judged(file, facts):
    """Findings on a file that is what it should be, in the order in which people read them."""
    kind, role = facts.get("kind", ""), file.role
    if role == ModelFile.Role.VAE and kind != "vae":
        yield refusal(file, BadFile("not_this_role", file=file.name, format="safetensors"))
        return
    if role != ModelFile.Role.MODEL:
        return
    yield from about_kind(file, kind)
    yield from about_family(file, facts.get("family", ""))
    yield from about_words(file, list(facts.get("trigger_words", ())))
    if facts.get("prediction") == "v" and facts.get("family") == "sdxl":
        yield Finding(file=file, severity=Severity.INFO, code="v_prediction")
    yield from about_use(file, facts)


def about_use(file, facts):
    """What it can be drawn with, as far as that needs saying."""
    if facts.get("inpainting"):
        yield Finding(file=file, severity=Severity.INFO, code="inpainting")
    if why := facts.get("cannot_run"):
        yield Finding(file=file, severity=Severity.INFO, code="cannot_run", params={"why": why})


def about_kind(file, kind):
    said = file.version.card.kind
    if kind in ModelCard.Kind.values and kind != said:
        yield question(file, "kind_differs", said, kind)


def about_family(file, family):
    card = file.version.card
    if not family or ALIKE.get(family, family) == ALIKE.get(card.family, card.family):
        return
    if card.family:
        yield question(file, "family_differs", card.family, family)
        return
    if ModelCard.objects.filter(pk=card.pk, family="").update(family=family):
        card.family = family
        yield Finding(file=file, severity=Severity.INFO, code="family_taken", params={"found": family})


def contradiction(version):
    """{"said", "found"} where the card now says otherwise than its weights and its owner did not insist; or None.

    The questions are asked when a file comes in; what the card says may change after that.
    """
    for file in version.files.filter(role=ModelFile.Role.MODEL).prefetch_related("findings"):
        insists = {(one.code, one.params.get("said")) for one in file.findings.all() if one.answer == "mine"}
        for code, said, found in differences(version.card, file.facts):
            if (code, said) not in insists:
                return {"said": said, "found": found}
    return None


def differences(card, facts):
    kind, family = facts.get("kind", ""), facts.get("family", "")
    if kind in ModelCard.Kind.values and kind != card.kind:
        yield "kind_differs", card.kind, kind
    if family and card.family and ALIKE.get(family, family) != ALIKE.get(card.family, card.family):
        yield "family_differs", card.family, family


def about_words(file, words):
    said = file.version.trigger_words
    if not words or set(words) <= set(said):
        return
    if said:
        yield question(file, "trigger_words_differ", said, words)
        return
    ModelVersion.objects.filter(pk=file.version_id).update(trigger_words=words)
    file.version.trigger_words = words
    yield Finding(file=file, severity=Severity.INFO, code="trigger_words_taken", params={"found": words})


def question(file, code, said, found):
    return Finding(file=file, severity=Severity.QUESTION, code=code, params={"said": said, "found": found})


def link(file):
    """The same content is stored already: use that, and let go of the copy in quarantine."""
    twin = storing.twin_of(file)
    if twin is None or file.is_stored or not twin.path:
        return []
    storing.leave_quarantine(file)
    file.path = twin.path
    known = twin.version.card
    return [Finding(file=file, severity=Severity.INFO, code="same_content", params={"model": known.name})]
