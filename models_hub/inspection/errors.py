"""Why a model file is refused."""


def gettext_noop(message):
    """Marks a sentence for Django's makemessages without needing Django here."""
    return message


SENTENCES = {
    "missing": gettext_noop("The file “%(file)s” does not exist."),
    "empty": gettext_noop("The file “%(file)s” is too short to be a .safetensors file."),
    "not_safetensors": gettext_noop(
        "“%(file)s” is not a .safetensors file; other formats can carry programs and are refused."
    ),
    "header_too_large": gettext_noop("“%(file)s” claims a header of %(size)s bytes; at most %(limit)s are read."),
    "header_truncated": gettext_noop("“%(file)s” ends before its header does."),
    "header_not_json": gettext_noop("The header of “%(file)s” is not valid JSON."),
    "duplicate_name": gettext_noop("The header of “%(file)s” names “%(name)s” twice."),
    "too_many_tensors": gettext_noop("“%(file)s” lists too many tensors; at most %(limit)s are read."),
    "bad_metadata": gettext_noop("The notes in the header of “%(file)s” must be text, 2 MB at most."),
    "bad_tensor": gettext_noop("The tensor “%(name)s” in “%(file)s” is described wrongly: %(why)s."),
    "bad_layout": gettext_noop(
        "The tensors of “%(file)s” do not fill its data exactly; the file is damaged or cut off."
    ),
    "not_a_model": gettext_noop("“%(file)s” holds no model file that can be used here."),
    "bad_folder": gettext_noop("The model folder “%(file)s” cannot be used: %(why)s."),
}


class BadFile(Exception):
    """A file that must not be loaded; `code` for programs, `str()` for people."""

    def __init__(self, code, **params):
        self.code, self.params, self.template = code, params, SENTENCES[code]
        super().__init__(self.template % params)
