"""Models that the operator of the site adds from the command line: inspected as uploads are, published at once."""

from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from models_hub import findings, judging, services
from models_hub.inspection import inspect, sandbox
from models_hub.inspection.digests import digests
from models_hub.models import FileHash, Finding, ForbiddenHash, ModelVersion
from visionary.common import files
from visionary.common.exceptions import DomainError


def add(path: Path, *, name=None, kind=None, family=None, owner=None, share_only=False):
    """Publish the file or diffusers folder at `path`. Returns (version, created).

    kind and family overrule what the header says. Raises BadFile for what must not be loaded, DomainError for what
    cannot be drawn with (unless `share_only`), is forbidden, or finds no room.
    """
    facts, names = looked_at(path, family)
    if (why := facts.get("cannot_run")) and not share_only:
        raise cannot_run(path, facts, why)
    hashes = hashed(path, names)
    refuse_forbidden(path, hashes)
    version, created = services.add_model(
        path=path,
        digests={key: found["SHA256"] for key, found in hashes.items()},
        name=name or path.stem,
        kind=kind or facts["kind"],
        family=family or facts.get("family", ""),
        layout=facts["layout"],
        owner=owner,
        trigger_words=list(facts.get("trigger_words", ())),
    )
    if created:
        note(version, facts, hashes)
    return version, created


def looked_at(path, family):
    """(facts as Report.as_dict, names of the files that make up the model). Raises BadFile."""
    if path.is_dir():
        report = inspect(path)
        facts, names = report.as_dict(), report.files
    else:
        facts, names = sandbox.examine(path, path.name), (path.name,)
    if family and facts.get("cannot_run") in ("family_unknown", "family_not_drawn"):
        facts["cannot_run"] = ""
    return facts, names


def hashed(path, names):
    """{name: {kind: value}}; of a folder's files the SHA-256 alone is known elsewhere."""
    if path.is_dir():
        return {name: {"SHA256": files.sha256_of(path / name)} for name in names}
    with path.open("rb") as stream:
        return {path.name: digests(stream)}


def refuse_forbidden(path, hashes):
    known = {found["SHA256"] for found in hashes.values()}
    if row := ForbiddenHash.objects.filter(sha256__in=known).first():
        message = _("%(name)s is on the list of forbidden files: %(reason)s")
        raise DomainError(message % {"name": path.name, "reason": row.reason}, code="forbidden")


def cannot_run(path, facts, why):
    what = _("It is of the kind “%(kind)s” and of the family “%(family)s”.")
    known = {"kind": facts["kind"], "family": facts.get("family") or _("unknown")}
    reason = _(findings.REASONS[why])
    return DomainError(f"{path.name}: {what % known} {reason}", code=why)


@transaction.atomic
def note(version: ModelVersion, facts, hashes):
    for file in version.files.all():
        FileHash.objects.bulk_create(
            FileHash(file=file, kind=kind, value=value) for kind, value in hashes[file.name].items()
        )
        if tells_the_use(file, facts):
            Finding.objects.bulk_create(judging.about_use(file, facts))
        if facts["layout"] == ModelVersion.Layout.SINGLE:
            file.facts, file.precision, file.inspected_at = facts, facts.get("precision", "")[:12], version.published_at
            file.save(update_fields=["facts", "precision", "inspected_at"])


def tells_the_use(file, facts):
    """Whether this is the file that findings on the whole model stand with: of a folder, the UNet's weights."""
    single = facts["layout"] == ModelVersion.Layout.SINGLE
    return single or (file.name.startswith("unet/") and file.name.endswith(services.WEIGHTS))
