"""The one question the site asks of a file: what are you, and may you come in?"""

from dataclasses import dataclass
from pathlib import Path

from .architecture import recognise
from .errors import BadFile
from .folder import inspect_folder
from .safetensors import read_header


@dataclass(frozen=True)
class Report:
    """What a file or folder is. `files` are paths inside it; `elements` the number of weights."""

    kind: str
    family: str
    layout: str
    files: tuple[str, ...]
    size: int
    elements: int
    inpainting: bool = False
    precision: str = ""
    metadata: tuple[tuple[str, str], ...] = ()


def inspect(path):
    """The Report on a .safetensors file or a diffusers folder. Raises BadFile."""
    path = Path(path)
    if path.is_dir():
        return Report(**inspect_folder(path), layout="diffusers")
    header = read_header(path)
    found = recognise(header)
    if found.kind == "unknown":
        raise BadFile("not_a_model", file=path.name)
    return Report(
        kind=found.kind,
        family=found.family,
        layout="single",
        files=(path.name,),
        size=path.stat().st_size,
        elements=header.elements,
        inpainting=found.inpainting,
        precision=_main_precision(header),
        metadata=tuple(sorted(header.metadata.items())),
    )


def _main_precision(header):
    """The number format most of the weights are in, as people call it: fp16, bf16, fp32."""
    counts: dict[str, int] = {}
    for tensor in header.tensors.values():
        counts[tensor.dtype] = counts.get(tensor.dtype, 0) + tensor.elements
    main = max(counts, key=lambda dtype: counts[dtype], default="")
    return {"F16": "fp16", "BF16": "bf16", "F32": "fp32", "F64": "fp64"}.get(main, main.lower())
