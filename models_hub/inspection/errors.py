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
    "other_format": gettext_noop("“%(file)s” is %(format)s. Upload the weights as a .safetensors file."),
    "pickle": gettext_noop(
        "“%(file)s” is %(format)s: loading it would run a program, so it is refused, whatever it is called. "
        "It names: %(imports)s. Convert it to .safetensors and upload that."
    ),
    "hidden_format": gettext_noop(
        "“%(file)s” begins as a .safetensors file and can be read as %(format)s as well. Such files are refused."
    ),
    "bad_zip": gettext_noop("The zip archive “%(file)s” is refused: %(why)s."),
    "bad_text": gettext_noop("“%(file)s” must be a text file in UTF-8, 1 MB at most."),
    "not_this_role": gettext_noop("“%(file)s” is %(format)s, which is not accepted for what it is meant to be."),
    "crashed": gettext_noop("The inspection of “%(file)s” broke down, so the file is refused."),
    "too_slow": gettext_noop("The inspection of “%(file)s” took too long, so the file is refused."),
    "forbidden": gettext_noop("“%(file)s” is on this site's list of forbidden files: %(reason)s"),
    "changed": gettext_noop("“%(file)s” is no longer the file that was uploaded. Upload it again."),
}

# What a file turned out to be; shown as %(format)s.
FORMATS = {
    "pickle": gettext_noop("a Python pickle"),
    "torch": gettext_noop("a PyTorch checkpoint of pickles"),
    "zip": gettext_noop("a zip archive"),
    "numpy": gettext_noop("a NumPy file"),
    "gguf": gettext_noop("a GGUF file"),
    "html": gettext_noop("a web page"),
    "picture": gettext_noop("a picture"),
    "video": gettext_noop("a video"),
    "pdf": gettext_noop("a PDF document"),
    "hdf5": gettext_noop("an HDF5 file"),
    "archive": gettext_noop("a packed archive"),
    "program": gettext_noop("a program"),
    "text": gettext_noop("a text file"),
    "safetensors": gettext_noop("a .safetensors file"),
    "unknown": gettext_noop("of no known format"),
}

# Second halves of sentences; shown as %(why)s.
REASONS = (
    gettext_noop("its name is too long"),
    gettext_noop("its name is not valid text"),
    gettext_noop("it needs exactly dtype, shape and data_offsets"),
    gettext_noop("its number format is not known"),
    gettext_noop("its shape is not a short list of whole numbers"),
    gettext_noop("its place in the file is not a pair of whole numbers"),
    gettext_noop("its shape and its length disagree"),
    gettext_noop("it has no table of contents at its end, or bytes after it"),
    gettext_noop("it lists too many files"),
    gettext_noop("its table of contents is damaged"),
    gettext_noop("two files in it have the same name"),
    gettext_noop("a file in it has a name that leads out of the archive"),
    gettext_noop("a file in it is encrypted or a link"),
    gettext_noop("a file in it is packed in a way that is not read"),
    gettext_noop("what its table of contents says is not what its files say"),
    gettext_noop("a file in it does not match its checksum"),
    gettext_noop("a file in it is neither a picture nor text"),
    gettext_noop("it unpacks to far more than it is"),
    gettext_noop("there are bytes in it that belong to no file"),
    gettext_noop("it holds another archive"),
)


class BadFile(Exception):
    """A file that must not be loaded; `code` for programs, `str()` for people."""

    def __init__(self, code, **params):
        self.code, self.params, self.template = code, params, SENTENCES[code]
        shown = params | {"format": FORMATS.get(params.get("format", ""), "")}
        super().__init__(self.template % shown)
