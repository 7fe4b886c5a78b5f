"""What inspection has to say of a file: sentences in the reader's language, and questions to the owner."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_hub.inspection import errors
from models_hub.models import Finding, ModelCard, ModelFile, ModelVersion
from visionary.common.exceptions import DomainError

FILE, MINE = "file", "mine"
SENTENCES = {
    "kind_differs": gettext_noop(
        "You say that this is a model of the kind “%(said)s”; the file looks like “%(found)s”."
    ),
    "family_differs": gettext_noop("You say that this was made for “%(said)s”; the file looks like “%(found)s”."),
    "trigger_words_differ": gettext_noop("The file's notes suggest other trigger words than yours: %(found)s."),
    "trigger_words_taken": gettext_noop("Trigger words were read from the file's notes: %(found)s."),
    "family_taken": gettext_noop("The family was read from the file: %(found)s."),
    "same_content": gettext_noop("This file is on this site already, in “%(model)s”; it is not stored twice."),
    "v_prediction": gettext_noop("The file says that it predicts velocity (v-prediction)."),
    "inpainting": gettext_noop(
        "It was made for inpainting: it fills painted parts and new borders best, and draws everything else too."
    ),
    "cannot_run": gettext_noop("It can be shared here, but not drawn with on this site: %(why)s"),
}
REASONS = {
    "family_unknown": gettext_noop("its family is not known."),
    "family_not_drawn": gettext_noop("models of its family are not drawn with yet."),
    "unet_only": gettext_noop("it holds a UNet alone, without text encoder and VAE."),
    "starter_folder": gettext_noop("models of the starter's family are read from diffusers folders only."),
    "no_text_encoder": gettext_noop("its text encoder is missing."),
    "no_vae": gettext_noop("its VAE is missing."),
    "lora_layout": gettext_noop("its LoRA layout (LoHa, LoKr, IA3 ...) is not read yet."),
    "latents_other": gettext_noop("its latents are of another kind than those of the models here."),
    "too_many_vectors": gettext_noop("it has more vectors than a text encoder reads words."),
    "control_layout": gettext_noop(
        "it guides in another way than ControlNets do (LLLite, T2I-Adapter, IP-Adapter ...)."
    ),
    "upscaler_not_used": gettext_noop("enlarging uses the networks that come with the site."),
}
FIELDS = {"kind_differs": "kind", "family_differs": "family", "trigger_words_differ": "trigger_words"}


def sentence(finding):
    """What a Finding says, in the reader's language."""
    template = SENTENCES.get(finding.code) or errors.SENTENCES.get(finding.code)
    if template is None:
        return finding.code
    try:
        return _(template) % {name: _shown(name, value) for name, value in finding.params.items()}
    except (KeyError, TypeError, ValueError):
        return _(template)


def _shown(name, value):
    if name == "format":
        return _(errors.FORMATS.get(value, value))
    if name == "why":
        return _(REASONS.get(value, value))
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if name in ("said", "found") and value in ModelCard.Kind.values:
        return str(ModelCard.Kind(value).label)
    return value


def choices(finding):
    """[(value, label)] of the answers to a question; none for a note or a refusal."""
    if finding.severity != Finding.Severity.QUESTION:
        return []
    return [(FILE, _("Take what the file says")), (MINE, _("Keep what I said"))]


@transaction.atomic
def answer(finding, by, choice):
    """The owner decides a question: "file" takes the file's word, "mine" keeps their own. Raises DomainError."""
    from accounts import roles, sanctions

    sanctions.refuse_if_banned(by)
    file = ModelFile.objects.select_for_update().select_related("version__card").get(pk=finding.file_id)
    if file.version.card.owner_id != by.pk and not roles.is_moderator(by):
        raise DomainError(_("This model belongs to somebody else."), code="not_allowed", status=403)
    if choice not in (FILE, MINE):
        raise DomainError(_("Answer: choose one of the two."), code="bad_value", field="answer")
    _refuse_shown(file.version)
    if choice == FILE:
        _take(finding, file.version)
    Finding.objects.filter(pk=finding.pk).update(answer=choice)
    finding.answer = choice
    _settle(file)
    return finding


def _refuse_shown(version):
    """What a moderator looks at, or everybody sees, does not change under their eyes."""
    if version.status in (ModelVersion.Status.WAITING, ModelVersion.Status.PUBLISHED, ModelVersion.Status.WITHDRAWN):
        message = _("This version can no longer be changed. Make a new one.")
        raise DomainError(message, code="version_closed", status=409)


def _take(finding, version):
    field, found = FIELDS.get(finding.code), finding.params.get("found")
    if field == "trigger_words":
        ModelVersion.objects.filter(pk=version.pk).update(trigger_words=list(found))
    elif field and version.card.published_at:
        message = _("Kind and family of a model that was published stay. Keep what you said, or make a new model.")
        raise DomainError(message, code="published", status=409)
    elif field:
        ModelCard.objects.filter(pk=version.card_id).update(**{field: found})


def _settle(file):
    questions = Finding.objects.filter(file=file, severity=Finding.Severity.QUESTION)
    if not questions.filter(answer="").exists():
        ModelFile.objects.filter(pk=file.pk, state=ModelFile.State.QUESTION).update(state=ModelFile.State.CLEAN)
