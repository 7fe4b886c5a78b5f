"""A strict reader of .safetensors headers.

The file is: 8 bytes little-endian length, that many bytes of JSON, then the tensors' bytes. The
reference reader is lenient (a header of 88 MB with 1.5 million tensors costs it 18 s and 1.4 GB), so
uploads are judged by this one: everything it accepts, the reference accepts too.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from .errors import BadFile

MAX_HEADER = 25_000_000  # bytes; the largest seen in the wild are about 10 MB
MAX_TENSORS = 20_000
MAX_METADATA = 2_000_000  # characters
MAX_DIMENSIONS = 8
MAX_NAME = 500  # characters
BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
    "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8,
}  # fmt: skip
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_DIGITS = re.compile(r"[0-9]{1,15}\Z")


@dataclass(frozen=True)
class Tensor:
    """One tensor's description; start and end count bytes from the first byte after the header."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int

    @property
    def elements(self):
        return (self.end - self.start) // BYTES[self.dtype]


@dataclass(frozen=True)
class Header:
    metadata: dict[str, str]
    tensors: dict[str, Tensor]
    data_start: int

    @property
    def elements(self):
        return sum(tensor.elements for tensor in self.tensors.values())


def read_header(path):
    """The Header of a .safetensors file, judged strictly. Raises BadFile."""
    path = Path(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            return header_of(stream, path.name, size)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise BadFile("missing", file=path.name) from None


def header_of(stream, file, size):
    """The Header of an open file of `size` bytes, read from where it stands; `file` is its name. Raises BadFile."""
    raw = _read_json_bytes(stream, file, size)
    return _judge(_parse(raw, file), file, len(raw) + 8, size)


def _read_json_bytes(stream, file, size):
    start = stream.read(9)
    if len(start) < 9:
        raise BadFile("empty", file=file)
    length = int.from_bytes(start[:8], "little")
    # Checked before the size, so that a pickle or zip is called what it is.
    if start[8:] != b"{":
        raise BadFile("not_safetensors", file=file)
    if length > MAX_HEADER:
        raise BadFile("header_too_large", file=file, size=length, limit=MAX_HEADER)
    if length > size - 8:
        raise BadFile("header_truncated", file=file)
    return b"{" + stream.read(length - 1)


def _parse(raw, file):
    def unique(pairs):
        found = {}
        for name, value in pairs:
            if name in found:
                raise BadFile("duplicate_name", file=file, name=_shown(name))
            found[name] = value
        return found

    def refuse(_):
        raise ValueError

    def whole(digits):
        # Also keeps Python from multiplying thousand-digit numbers.
        if not _DIGITS.match(digits):
            raise ValueError
        return int(digits)

    # Outside its strings a header needs about 60 bytes a tensor; this bounds the JSON parser's work beforehand.
    bones = _STRING.sub(b'""', raw)
    if len(bones) > 100 * MAX_TENSORS or bones.count(b"{") - 1 > MAX_TENSORS + 1:
        raise BadFile("too_many_tensors", file=file, limit=MAX_TENSORS)
    try:
        text = raw.decode("utf-8")
        return json.loads(text, object_pairs_hook=unique, parse_int=whole, parse_float=refuse, parse_constant=refuse)
    except (ValueError, RecursionError):
        raise BadFile("header_not_json", file=file) from None


def _judge(described, file, data_start, size):
    if not isinstance(described, dict):
        raise BadFile("header_not_json", file=file)
    metadata = _judge_metadata(described.pop("__metadata__", {}), file)
    tensors = {name: _judge_tensor(name, entry, file) for name, entry in described.items()}
    _judge_layout(tensors, file, size - data_start)
    return Header(metadata, tensors, data_start)


def _judge_metadata(metadata, file):
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise BadFile("bad_metadata", file=file)
    if not all(_is_text(text) for pair in metadata.items() for text in pair):
        raise BadFile("bad_metadata", file=file)
    if sum(len(name) + len(value) for name, value in metadata.items()) > MAX_METADATA:
        raise BadFile("bad_metadata", file=file)
    return metadata


def _judge_tensor(name, entry, file):
    def bad(why):
        return BadFile("bad_tensor", file=file, name=_shown(name), why=why)

    if len(name) > MAX_NAME:
        raise bad("its name is too long")
    if not _is_text(name):
        raise bad("its name is not valid text")
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise bad("it needs exactly dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in BYTES:
        raise bad("its number format is not known")
    if not _whole_numbers(shape) or len(shape) > MAX_DIMENSIONS:
        raise bad("its shape is not a short list of whole numbers")
    if not _whole_numbers(offsets) or len(offsets) != 2:
        raise bad("its place in the file is not a pair of whole numbers")
    start, end = offsets
    if _byte_count(shape, BYTES[dtype]) != end - start:
        raise bad("its shape and its length disagree")
    return Tensor(dtype, tuple(shape), start, end)


def _shown(name):
    return name[:80].encode("utf-8", "replace").decode("utf-8")


def _is_text(text):
    """Whether it can be written as UTF-8: JSON lets half a surrogate pair through, the reference reader does not."""
    return text.isascii() or not any("\ud800" <= mark <= "\udfff" for mark in text)


def _whole_numbers(value):
    return isinstance(value, list) and all(type(number) is int for number in value)


def _byte_count(shape, itemsize):
    count = itemsize
    for side in shape:
        count *= side
        if count > 2**50:  # no file is this large; stops the product before it grows
            return -1
    return count


def _judge_layout(tensors, file, data_bytes):
    position = 0
    for tensor in sorted(tensors.values(), key=lambda tensor: (tensor.start, tensor.end)):
        if tensor.start != position:
            raise BadFile("bad_layout", file=file)
        position = tensor.end
    if position != data_bytes:
        raise BadFile("bad_layout", file=file)
