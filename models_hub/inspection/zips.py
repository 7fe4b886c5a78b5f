"""Zip archives, read with bounds and without unpacking anything to disk.

Two programs can see two different archives in one ambiguous zip, which is how scanners are fooled. So an archive must
be plain: one table of contents, at the very end, that agrees with every file's own header and leaves no byte over.
"""

import io
import stat
import struct
import zlib
from dataclasses import dataclass

from . import formats, pickles
from .errors import BadFile

MAX_ENTRIES = 5_000
MAX_TABLE = 4_000_000  # bytes
MAX_LOOK = 8_000_000  # bytes of one file that are looked at
MAX_LOOK_ALL = 64_000_000
MAX_RATIO = 200
_END, _ENTRY, _LOCAL = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
_TEXT_NAMES = (".txt", ".caption", ".json", ".csv", ".yaml", ".toml", ".md")


@dataclass(frozen=True)
class Entry:
    """A file of the archive. `start` is where its own header begins, `data` where its bytes do."""

    name: str
    method: int
    flags: int
    crc: int
    packed: int
    size: int
    start: int
    data: int


def judge(stream, file, role="model"):
    """Raise BadFile for every archive but a plain one of pictures and captions that is meant as training data."""
    size = stream.seek(0, io.SEEK_END)
    imports, problem, entries = [], None, []
    try:
        entries = read_table(stream, size, file)
    except BadFile as error:
        problem = error
    for raw in _starts(stream, entries or _first_entry(stream)):
        imports += [name for name in imports_in(raw) if name not in imports]
    if imports:
        raise BadFile("pickle", file=file, format="torch", imports=pickles.listed(imports))
    if problem:
        raise problem
    if role not in ("training", "other"):
        raise BadFile("other_format", file=file, format="zip")
    for entry in entries:
        _judge_entry(stream, entry, file)


def imports_in(raw, depth=0):
    """What the pickles in these bytes would import: bare, in NumPy files, in archives inside archives."""
    kind = formats.sniff(raw[: formats.HEAD])
    if kind == "numpy":
        at = raw.find(b"\n")
        return pickles.plausible(pickles.scan(raw[at + 1 :]).imports)
    if kind == "zip" and depth < 3:
        inner = io.BytesIO(raw)
        try:
            entries = read_table(inner, len(raw), "")
        except BadFile:
            entries = _first_entry(inner)
        return [name for part in _starts(inner, entries) for name in imports_in(part, depth + 1)]
    found = pickles.scan(raw)
    return pickles.plausible(found.imports) or (["?"] if kind == "pickle" else [])


def read_table(stream, size, file):
    """The Entries of a plain archive. Raises BadFile."""

    def bad(why):
        return BadFile("bad_zip", file=file, why=why)

    stream.seek(max(size - 22, 0))
    end = stream.read(22)
    # No comment: bytes after the table are where a second one hides.
    if len(end) != 22 or end[:4] != _END or end[20:] != b"\0\0":
        raise bad("it has no table of contents at its end, or bytes after it")
    disks, here, total, length, offset = struct.unpack("<IHHII", end[4:20])
    if disks or here != total or total > MAX_ENTRIES or length > MAX_TABLE:
        raise bad("it lists too many files")
    if offset + length + 22 != size:
        raise bad("there are bytes in it that belong to no file")
    stream.seek(offset)
    entries = list(_entries(stream.read(length), total, bad))
    names = [entry.name for entry in entries]
    if len({name.lower() for name in names}) != len(names):
        raise bad("two files in it have the same name")
    return _placed(stream, entries, offset, bad)


def _entries(table, total, bad):
    at = 0
    for _ in range(total):
        fields = table[at : at + 46]
        if len(fields) != 46 or fields[:4] != _ENTRY:
            raise bad("its table of contents is damaged")
        flags, method = struct.unpack("<HH", fields[8:12])
        crc, packed, size, name_length, extra, comment = struct.unpack("<IIIHHH", fields[16:34])
        mode, start = struct.unpack("<II", fields[38:46])
        raw = table[at + 46 : at + 46 + name_length]
        yield _judged(raw, flags, method, crc, packed, size, start, mode >> 16, bad)
        at += 46 + name_length + extra + comment
    if at != len(table):
        raise bad("its table of contents is damaged")


def _judged(raw, flags, method, crc, packed, size, start, mode, bad):
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise bad("its table of contents is damaged") from None
    parts = name.replace("\\", "/").split("/")
    if not name or name.startswith(("/", "\\")) or ".." in parts or "\0" in name or ":" in name:
        raise bad("a file in it has a name that leads out of the archive")
    if flags & 0x41 or stat.S_ISLNK(mode):
        raise bad("a file in it is encrypted or a link")
    if method not in (0, 8) or 0xFFFFFFFF in (packed, size, start):
        raise bad("a file in it is packed in a way that is not read")
    if size > MAX_RATIO * packed + 10_000:
        raise bad("it unpacks to far more than it is")
    return Entry(name, method, flags, crc, packed, size, start, 0)


def _placed(stream, entries, table_start, bad):
    """The Entries with `data` set, when they lie one after another and say themselves what the table says."""
    position, placed = 0, []
    for entry in sorted(entries, key=lambda entry: entry.start):
        if entry.start != position:
            raise bad("there are bytes in it that belong to no file")
        found = _local(stream, entry.start)
        if found is None or found[:2] != (entry.name.encode(), entry.method):
            raise bad("what its table of contents says is not what its files say")
        _name, _method, crc, packed, size, flags, data = found
        later = bool(flags & 8)
        if (flags ^ entry.flags) & 8 or (not later and (crc, packed, size) != (entry.crc, entry.packed, entry.size)):
            raise bad("what its table of contents says is not what its files say")
        position = data + entry.packed + (_descriptor(stream, data + entry.packed, entry) if later else 0)
        placed.append(Entry(**(entry.__dict__ | {"data": data})))
    if position != table_start:
        raise bad("there are bytes in it that belong to no file")
    return placed


def _local(stream, start):
    """(name, method, crc, packed, size, flags, start of the data) as a file's own header says, or None."""
    stream.seek(start)
    fields = stream.read(30)
    if len(fields) != 30 or fields[:4] != _LOCAL:
        return None
    flags, method = struct.unpack("<HH", fields[6:10])
    crc, packed, size, name_length, extra = struct.unpack("<IIIHH", fields[14:30])
    return stream.read(name_length), method, crc, packed, size, flags, start + 30 + name_length + extra


def _descriptor(stream, at, entry):
    """How long the record after a file is that was written as a stream; 0 when there is none."""
    stream.seek(at)
    raw = stream.read(16)
    wanted = struct.pack("<III", entry.crc, entry.packed, entry.size)
    return 16 if raw == b"PK\x07\x08" + wanted else 12 if raw[:12] == wanted else 0


def _first_entry(stream):
    """The first file of an archive whose table cannot be trusted: PyTorch's pickle is the first one."""
    found = _local(stream, 0)
    if found is None:
        return []
    _name, method, _crc, packed, size, flags, data = found
    return [Entry("", method, flags, 0, packed or MAX_LOOK, size, 0, data)]


def _starts(stream, entries):
    """The first MAX_LOOK bytes of each file, unpacked; what cannot be unpacked is left out."""
    left = MAX_LOOK_ALL
    for entry in entries:
        raw = _look(stream, entry, min(MAX_LOOK, left))
        left -= len(raw)
        yield raw
        if left <= 0:
            return


def _look(stream, entry, most):
    stream.seek(entry.data)
    if entry.method == 0:
        return stream.read(min(entry.packed, most))
    try:
        return zlib.decompressobj(-15).decompress(stream.read(min(entry.packed, most)), most)
    except zlib.error:
        return b""


def _judge_entry(stream, entry, file):
    if entry.name.endswith("/") and not entry.size:
        return
    head, crc, size, unpack = b"", 0, 0, zlib.decompressobj(-15)
    stream.seek(entry.data)
    left = entry.packed
    try:
        while left > 0 and (piece := stream.read(min(left, 1 << 20))):
            left -= len(piece)
            while piece:
                raw = unpack.decompress(piece, 1 << 20) if entry.method == 8 else piece
                piece = unpack.unconsumed_tail if entry.method == 8 else b""
                head, crc, size = head or raw[: formats.HEAD], zlib.crc32(raw, crc), size + len(raw)
                if size > entry.size:
                    raise BadFile("bad_zip", file=file, why="a file in it does not match its checksum")
    except zlib.error:
        size = -1
    if (crc, size) != (entry.crc, entry.size):
        raise BadFile("bad_zip", file=file, why="a file in it does not match its checksum")
    kind = formats.sniff(head) if head else "text"
    if kind == "zip":
        raise BadFile("bad_zip", file=file, why="it holds another archive")
    if kind != "picture" and not (kind == "text" and entry.name.lower().endswith(_TEXT_NAMES)):
        raise BadFile("bad_zip", file=file, why="a file in it is neither a picture nor text")
