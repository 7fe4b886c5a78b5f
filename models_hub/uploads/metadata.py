"""What a client says of its upload: the header Upload-Metadata, and file names that are safe to show."""

import base64
import binascii
import unicodedata

from django.utils.translation import gettext as _

from visionary.common.exceptions import DomainError

MAX_HEADER = 4096  # characters
MAX_NAME = 200
MAX_KEYS = 16


class BadMetadata(DomainError):
    code = "bad_metadata"


def read(header):
    """{key: text} of `header`: pairs "key base64" with commas between. Raises BadMetadata."""
    if len(header) > MAX_HEADER:
        message = _("Upload-Metadata: at most %(most)d characters are accepted.")
        raise BadMetadata(message % {"most": MAX_HEADER}, field="Upload-Metadata")
    pairs = [pair.strip().partition(" ") for pair in header.split(",") if pair.strip()]
    if len({key for key, _space, _value in pairs}) != len(pairs) or len(pairs) > MAX_KEYS:
        raise BadMetadata(
            _("Upload-Metadata: name each key once, and at most %(most)d of them.") % {"most": MAX_KEYS},
            field="Upload-Metadata",
        )
    return {key: decoded(key, value.strip()) for key, _space, value in pairs}


def decoded(key, value):
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        message = _("Upload-Metadata: the value of “%(key)s” must be UTF-8 text in base64.")
        raise BadMetadata(message % {"key": key[:40]}, field="Upload-Metadata") from None


def written(values):
    """`values` ({key: text}) as the header says them; empty ones are left out."""
    pairs = ((key, base64.b64encode(str(text).encode()).decode()) for key, text in values.items() if text)
    return ",".join(f"{key} {value}" for key, value in pairs)


def file_name(text):
    """The name of a file as it may be shown and offered for saving; no path on this machine. Raises BadMetadata."""
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise BadMetadata(_("File name: give the file a name."), code="required", field="name")
    if len(name) > MAX_NAME:
        message = _("File name: use at most %(most)d characters. Rename the file and choose it again.")
        raise BadMetadata(message % {"most": MAX_NAME}, field="name")
    if any(mark in name for mark in "/\\") or name.startswith("."):
        message = _("File name: it may not contain a slash or begin with a dot. Rename the file and choose it again.")
        raise BadMetadata(message, field="name")
    # Control characters, and those that turn the reading direction or cannot be seen.
    if any(unicodedata.category(mark) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for mark in name):
        message = _("File name: it contains invisible or control characters. Rename the file and choose it again.")
        raise BadMetadata(message, field="name")
    return name
