"""What a version's page states as facts: from its row, and from what inspection read in its files."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_hub.models import ModelCard, ModelFile

# What trainers note, in the order in which people ask for it.
TRAINING = {
    "base_model": gettext_lazy("Trained on"),
    "pictures": gettext_lazy("Training pictures"),
    "resolution": gettext_lazy("Resolution"),
    "steps": gettext_lazy("Training steps"),
    "epochs": gettext_lazy("Epochs"),
    "learning_rate": gettext_lazy("Learning rate"),
    "optimizer": gettext_lazy("Optimizer"),
    "clip_skip": gettext_lazy("Clip skip"),
}


def main_file(files):
    """The file that a version is about: its weights, the largest of them."""
    weights = [file for file in files if file.role == ModelFile.Role.MODEL]
    return max(weights or files, key=lambda file: file.size, default=None)


def facts(version, files):
    """[(label, value)] of a version's weights."""
    file = main_file(files)
    read = file.facts if file else {}
    rows = [(_("Precision"), file.precision if file else ""), (_("Rank"), read.get("rank"))]
    rows += [(_("Variant"), read.get("variant")), (_("Prediction"), read.get("prediction"))]
    noted = read.get("facts") or {}
    rows += [(str(label), noted.get(name)) for name, label in TRAINING.items()]
    return [(label, shown(value)) for label, value in rows if value not in (None, "", 0)]


def shown(value):
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:g}" if isinstance(value, float) else number_format(value, force_grouping=True)


def hashes(file):
    """[(name, value)], the short ones first: those are what other programs show."""
    known = {one.kind: one.value for one in file.hashes.all()}
    if file.sha256:
        known |= {"AutoV2": file.sha256[:10], "SHA256": file.sha256}
    return [(name, known[name]) for name in ("AutoV2", "AutoV3", "CRC32", "SHA256", "BLAKE3") if name in known]


def permissions(card):
    """[(allowed, sentence)]: the owner's answers to what others may do."""
    sold = {
        ModelCard.CommercialUse.NONE: (False, _("No commercial use")),
        ModelCard.CommercialUse.PICTURES: (True, _("Pictures may be sold")),
        ModelCard.CommercialUse.SERVICES: (True, _("Pictures may be sold, services with it too")),
        ModelCard.CommercialUse.ANY: (True, _("Everything may be sold, the weights too")),
    }
    credit = _("Name the creator when you use it") if card.credit_required else _("No need to name the creator")
    merges = _("May be merged with other models") if card.merges_allowed else _("May not be merged with other models")
    other = _("What is made of it may have another licence")
    same = _("What is made of it keeps this licence")
    return [
        (not card.credit_required, credit),
        sold[card.commercial_use],
        (card.merges_allowed, merges),
        (card.relicensing_allowed, other if card.relicensing_allowed else same),
    ]
