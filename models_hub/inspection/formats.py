"""What a file is, by its first bytes. Its name is never asked."""

# (offset, bytes, format); the first that fits decides.
_MAGIC = (
    (0, b"PK\x03\x04", "zip"), (0, b"PK\x05\x06", "zip"), (0, b"PK\x07\x08", "zip"),
    (0, b"\x93NUMPY", "numpy"), (0, b"GGUF", "gguf"), (0, b"GGML", "gguf"), (0, b"ggjt", "gguf"),
    (0, b"\x89PNG\r\n\x1a\n", "picture"), (0, b"\xff\xd8\xff", "picture"), (0, b"GIF8", "picture"),
    (0, b"BM", "picture"), (0, b"II*\x00", "picture"), (0, b"MM\x00*", "picture"), (8, b"WEBP", "picture"),
    (4, b"ftypavif", "picture"), (4, b"ftypheic", "picture"), (4, b"ftyp", "video"), (0, b"\x1aE\xdf\xa3", "video"),
    (0, b"%PDF-", "pdf"), (0, b"\x89HDF\r\n\x1a\n", "hdf5"),
    (0, b"\x1f\x8b", "archive"), (0, b"BZh", "archive"), (0, b"\xfd7zXZ\x00", "archive"),
    (0, b"7z\xbc\xaf'\x1c", "archive"), (0, b"Rar!", "archive"),
    (0, b"(\xb5/\xfd", "archive"), (257, b"ustar", "archive"),
    (0, b"\x7fELF", "program"), (0, b"MZ", "program"), (0, b"#!", "program"),
)  # fmt: skip
_PAGES = (b"<!doctype html", b"<html", b"<head", b"<script", b"<body", b"<svg", b"<?xml")
HEAD = 512  # bytes that `sniff` wants


def sniff(head):
    """The key of errors.FORMATS that the first HEAD bytes of a file tell."""
    if len(head) > 8 and head[8:9] == b"{" and head[:4] != b"PK\x03\x04":
        return "safetensors"
    for offset, magic, name in _MAGIC:
        if head.startswith(magic, offset):
            return name
    if head[:1] == b"\x80" and head[1:2] and head[1] <= 5:
        return "pickle"
    if head.lstrip().lower().startswith(_PAGES):
        return "html"
    return "text" if _is_text(head) else "unknown"


def _is_text(head):
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The 512th byte may be the middle of a letter.
        if error.start < len(head) - 3:
            return False
        text = head[: error.start].decode("utf-8")
    return bool(text) and all(mark.isprintable() or mark in "\r\n\t" for mark in text)
