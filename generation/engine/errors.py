"""What can go wrong while drawing, told in sentences a user can act on.

Each class carries a `code` (stable, for programs), a `template` (English, the message id for
translation) and its `params`; `str(error)` is the English sentence.
"""


def gettext_noop(message):
    """Marks a sentence for Django's makemessages without needing Django here."""
    return message


class EngineError(Exception):
    """An expected failure. The engine stays usable after any of these."""

    code = "engine_error"
    template = gettext_noop("The picture could not be drawn.")

    def __init__(self, **params):
        self.params = params
        super().__init__(self.template % params)

    @property
    def message(self):
        return str(self)


class InvalidSpec(EngineError, ValueError):
    code = "invalid_spec"
    template = gettext_noop("%(field)s: %(problem)s")


class UnknownSampler(InvalidSpec):
    code = "unknown_sampler"
    template = gettext_noop("Sampler “%(sampler)s” is not known. Choose one of: %(known)s.")


class MissingWeights(EngineError):
    code = "missing_weights"
    template = gettext_noop("The file “%(file)s” is missing. %(remedy)s")


class BadChecksum(EngineError):
    code = "bad_checksum"
    template = gettext_noop("The file “%(file)s” is not the one that was registered; its checksum differs.")


class UnsupportedCheckpoint(EngineError):
    code = "unsupported_checkpoint"
    template = gettext_noop("The model “%(model)s” cannot be used: %(reason)s")


class CheckpointTooLarge(EngineError):
    code = "checkpoint_too_large"
    template = gettext_noop("The model “%(model)s” needs %(needed)s of memory, more than the %(bound)s allowed here.")


class OutOfMemory(EngineError):
    code = "out_of_memory"
    template = gettext_noop("There was not enough memory for this picture. Try a smaller size or fewer pictures.")


class IncompatibleLora(EngineError):
    code = "incompatible_lora"
    template = gettext_noop("The LoRA “%(lora)s” does not fit the model “%(model)s”: %(reason)s")


class IncompatibleEmbedding(EngineError):
    code = "incompatible_embedding"
    template = gettext_noop("The embedding “%(embedding)s” does not fit the model “%(model)s”: %(reason)s")


class IncompatibleVae(EngineError):
    code = "incompatible_vae"
    template = gettext_noop("The VAE “%(vae)s” does not fit the model “%(model)s”: %(reason)s")


class IncompatibleControl(EngineError):
    code = "incompatible_control"
    template = gettext_noop("The ControlNet “%(control)s” does not fit the model “%(model)s”: %(reason)s")


class NothingFound(EngineError):
    """Raised by preprocess: a skeleton of nobody would tell a ControlNet to draw nobody."""

    code = "nothing_found"
    template = gettext_noop("No person was found in the picture. Choose another picture or another preprocessor.")


class WeightsUnavailable(EngineError):
    """Raised by weights.fetch: no network, no room, no pip."""

    code = "weights_unavailable"
    template = gettext_noop("%(name)s could not be fetched: %(reason)s")


class Cancelled(EngineError):
    code = "cancelled"
    template = gettext_noop("The picture was cancelled.")
