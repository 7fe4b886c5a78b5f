"""The steps of the wizard, and what each still lacks."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_hub.models import ModelFile, ModelSample, ModelVersion

LABELS = {
    "model": gettext_lazy("Model"),
    "version": gettext_lazy("Version"),
    "files": gettext_lazy("Files"),
    "samples": gettext_lazy("Samples"),
    "publish": gettext_lazy("Publish"),
}
NAMES = tuple(LABELS)


@dataclass(frozen=True)
class Step:
    """A step in the row above the page. `lacks` are sentences on what is still to be done there."""

    name: str
    label: str
    url: str
    lacks: tuple
    is_done: bool
    is_current: bool


def url(version, step):
    return f"{reverse('models_hub:edit', args=[version.card.slug, step])}?version={version.pk}"


def row(version, current):
    """The Steps of `version` in their order."""
    found = lacking(version)
    return [
        Step(
            name, label, url(version, name), tuple(found.get(name, ())), is_done(name, version, found), name == current
        )
        for name, label in LABELS.items()
    ]


def is_done(step, version, found):
    return is_over(version) if step == "publish" else not found.get(step)


def following(step):
    return NAMES[min(NAMES.index(step) + 1, len(NAMES) - 1)]


def where_left(version):
    """The first step that lacks something."""
    found = lacking(version)
    return next((name for name in NAMES if found.get(name)), NAMES[-1])


def lacking(version):
    """{step: [sentence]} of what must be done before `version` can be published."""
    found = {"model": lacking_of_model(version.card), "files": lacking_files(version), "samples": []}
    if not ModelSample.everything.filter(version=version).exists():
        found["samples"].append(_("Add at least one picture that shows what it draws."))
    return {name: sentences for name, sentences in found.items() if sentences}


def lacking_of_model(card):
    needed = {
        "family": _("Say what the model is made for."),
        "category": _("Choose a category."),
        "description": _("Describe the model: what it is for, and what not."),
        "licence": _("Choose a licence."),
    }
    return [sentence for name, sentence in needed.items() if not getattr(card, name)]


def lacking_files(version):
    states = list(version.files.values_list("role", "state"))
    found = []
    if not any(role == ModelFile.Role.MODEL for role, _state in states):
        found.append(_("Add the model's file."))
    if version.uploads.filter(state="receiving").exists():
        found.append(_("Finish or remove the uploads under way."))
    sentences = {
        ModelFile.State.PENDING: _("Wait for the inspection of the files."),
        ModelFile.State.QUESTION: _("Answer the questions on the files."),
        ModelFile.State.REFUSED: _("Remove or replace the file that was refused."),
    }
    kinds = {state for _role, state in states}
    return found + [sentence for state, sentence in sentences.items() if state in kinds]


def is_over(version):
    """Whether there is nothing to publish any more: it is published, or waits for it."""
    return version.status in {ModelVersion.Status.PUBLISHED, ModelVersion.Status.WAITING}
