"""Files a render is made with. `key` is a file's identity: the SHA-256 over the version it belongs to."""

from dataclasses import dataclass
from typing import ClassVar, Literal


class _Named:
    key: str
    name: str

    def __str__(self):
        return self.name or self.key[:12]


@dataclass(frozen=True)
class CheckpointRef(_Named):
    """A checkpoint on disk. `key` is its identity (SHA-256 over the version's files).

    `path` is a diffusers folder or a single .safetensors file; `files` are (path inside the folder,
    or name of the single file; SHA-256), each verified the first time a process loads it.
    """

    key: str
    path: str
    layout: Literal["diffusers", "single"]
    family: str
    files: tuple[tuple[str, str], ...] = ()
    name: str = ""


@dataclass(frozen=True)
class LoraRef(_Named):
    """A LoRA file and how strongly it acts (1 as trained, 0 not at all)."""

    key: str
    path: str
    weight: float = 1.0
    sha256: str = ""
    name: str = ""


@dataclass(frozen=True)
class EmbeddingRef(_Named):
    """A textual inversion: wherever the prompt says `token`, the file's vectors are read. Case does not matter."""

    key: str
    path: str
    token: str
    sha256: str = ""
    name: str = ""


@dataclass(frozen=True)
class FileRef(_Named):
    """A VAE: a diffusers folder or a single .safetensors file. `sha256` is that of the weight file."""

    key: str
    path: str
    sha256: str = ""
    name: str = ""
    family: ClassVar[str] = "vae"


@dataclass(frozen=True)
class ControlRef(_Named):
    """A ControlNet and how strongly it guides (1 as trained). `sha256` is that of the weight file."""

    key: str
    path: str
    layout: Literal["diffusers", "single"] = "diffusers"
    weight: float = 1.0
    sha256: str = ""
    name: str = ""
    family: ClassVar[str] = "controlnet"
