"""The one question the site asks of a file: what are you, and may you come in?"""

import io
from dataclasses import asdict, dataclass
from pathlib import Path

from . import abilities, formats, notes, pickles, zips
from .architecture import recognise
from .errors import BadFile
from .folder import inspect_folder
from .safetensors import header_of

MAX_TEXT = 1_000_000  # bytes of a configuration file
_TAIL = 70_000  # bytes at the end where an archive's table of contents would begin
TEXT_ROLES = ("config", "training", "other")


@dataclass(frozen=True)
class Report:
    """What a file or folder is. `files` are paths inside it; `elements` the number of weights.

    kind: as Architecture, or "text", "picture", "archive" for what goes with a model. trigger_words and facts are
    what the trainer noted. cannot_run: a code of abilities, "" when the generator can use it.
    """

    kind: str
    family: str
    layout: str
    files: tuple[str, ...]
    size: int
    elements: int
    inpainting: bool = False
    precision: str = ""
    metadata: tuple[tuple[str, str], ...] = ()
    variant: str = ""
    rank: int | None = None
    prediction: str = ""
    vectors: int | None = None
    scale: int | None = None
    latent_channels: int | None = None
    lacks: str = ""
    trigger_words: tuple[str, ...] = ()
    facts: tuple[tuple[str, object], ...] = ()

    @property
    def cannot_run(self):
        return abilities.why_not(self) if self.elements else ""

    def as_dict(self):
        """Plain values for JSON, without the raw notes, which can be megabytes."""
        values = {name: value for name, value in asdict(self).items() if name not in ("metadata", "files", "facts")}
        values = {name: value for name, value in values.items() if value not in (None, "", (), False)}
        return values | {"facts": dict(self.facts), "cannot_run": self.cannot_run}


def inspect(path):
    """The Report on a .safetensors file or a diffusers folder. Raises BadFile."""
    path = Path(path)
    if path.is_dir():
        return Report(**inspect_folder(path), layout="diffusers")
    try:
        with path.open("rb") as stream:
            return inspect_stream(stream, path.name)
    except FileNotFoundError:
        raise BadFile("missing", file=path.name) from None


def inspect_stream(stream, file, role="model"):
    """The Report on an open file, called `file` in sentences, that is to serve as `role`. Raises BadFile."""
    size = stream.seek(0, io.SEEK_END)
    head = _read(stream, 0, formats.HEAD)
    kind = formats.sniff(head)
    if kind == "safetensors" or not size:
        return _weights(stream, file, size)
    if kind == "zip":
        zips.judge(stream, file, role)
        return Report("archive", "", "single", (file,), size, 0)
    raw = _read(stream, 0, pickles.MAX_BYTES)
    if imports := zips.imports_in(raw):
        raise BadFile("pickle", file=file, format="pickle", imports=pickles.listed(imports))
    if kind in ("text", "unknown") and pickles.scan(raw).finished:
        kind = "pickle"
    return _companion(kind, raw, file, size, role)


def _weights(stream, file, size):
    stream.seek(0)
    header = header_of(stream, file, size)
    _refuse_two_faces(stream, file, size)
    found = recognise(header)
    if found.kind == "unknown":
        raise BadFile("not_a_model", file=file)
    return Report(
        files=(file,),
        size=size,
        layout="single",
        elements=header.elements,
        precision=_main_precision(header),
        metadata=tuple(sorted(header.metadata.items())),
        trigger_words=notes.trigger_words(header.metadata) if found.kind in ("lora", "embedding", "checkpoint") else (),
        facts=tuple(notes.facts(header.metadata).items()),
        **asdict(found),
    )


def _refuse_two_faces(stream, file, size):
    """A .safetensors file can be laid out so that a program that ignores its name reads a pickle or a zip from it."""
    if pickles.plausible(pickles.scan(_read(stream, 0, pickles.MAX_BYTES)).imports):
        raise BadFile("hidden_format", file=file, format="pickle")
    tail = _read(stream, max(size - _TAIL, 0), _TAIL)
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        comment = int.from_bytes(tail[at + 20 : at + 22], "little")
        if len(tail) - at >= 22 and at + 22 + comment == len(tail):
            raise BadFile("hidden_format", file=file, format="zip")
        at = tail.rfind(b"PK\x05\x06", 0, at)


def _companion(kind, raw, file, size, role):
    """Configurations, captions and pictures that may lie beside a model."""
    if kind == "text" and role in TEXT_ROLES:
        if size > MAX_TEXT or not _reads_as_text(raw):
            raise BadFile("bad_text", file=file)
        return Report("text", "", "single", (file,), size, 0)
    if kind == "picture" and role in ("training", "other"):
        return Report("picture", "", "single", (file,), size, 0)
    if kind == "pickle":
        raise BadFile("pickle", file=file, format="pickle", imports="–")
    raise BadFile("other_format" if role == "model" else "not_this_role", file=file, format=kind)


def _reads_as_text(raw):
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(mark.isprintable() or mark.isspace() for mark in text)


def _read(stream, at, length):
    stream.seek(at)
    return stream.read(length)


def _main_precision(header):
    """The number format most of the weights are in, as people call it: fp16, bf16, fp32."""
    counts: dict[str, int] = {}
    for tensor in header.tensors.values():
        counts[tensor.dtype] = counts.get(tensor.dtype, 0) + tensor.elements
    main = max(counts, key=lambda dtype: counts[dtype], default="")
    return {"F16": "fp16", "BF16": "bf16", "F32": "fp32", "F64": "fp64"}.get(main, main.lower())
