"""Checkpoints as this machine reads them fastest: converted once, kept beside the data, made anew when lost.

Converting names and numbers, not reading, is what makes loading a checkpoint slow. A sidecar is a folder with one
.safetensors per part, in the names and the precision the pipeline wants, and sidecar.json with everything else.
"""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import json
import logging
import os
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from . import assembly, originals
from .hardware import GIB, ITEM_BYTES, SMALL_PARAMETERS

logger = logging.getLogger(__name__)
FORMAT = 1
MANIFEST = "sidecar.json"
# The parts are hashed again when their files look touched, and after so many days for what a disk loses in silence.
CHECK_DAYS = 7
FREE_DISK = 2 * GIB  # always left to others
DISK_SHARE = 0.5  # of the free disk, when the operator sets no bound


@dataclass
class Sidecar:
    """One checkpoint in one precision. `content`: the manifest (see `Sidecars.write`)."""

    path: Path
    content: dict

    @property
    def identities(self):
        """{what the part is: its bytes}; equal parts of different checkpoints have equal names."""
        return {part["identity"]: part["bytes"] for part in self.content["parts"].values()}

    @property
    def part_bytes(self):
        return {name: part["bytes"] for name, part in self.content["parts"].items()}

    def file(self, part):
        return self.path / f"{part}.safetensors"

    @property
    def files(self):
        return [self.file(part) for part in self.content["parts"]]

    def note(self, **changes):
        """Put something new into the manifest."""
        self.content |= changes
        _write_manifest(self.path, self.content)


class Sidecars:
    """The sidecars in one folder, bounded by bytes on disk; the least recently used leave first.

    max_bytes: None for half of what the disk has free. least_parameters: checkpoints whose UNet has fewer are not
    worth one (measured: the starter loads in 0.2 s without and 0.15 s with).
    Several processes may use one folder: a sidecar appears whole, by renaming, and one process at a time writes it.
    """

    def __init__(self, folder, max_bytes=None, least_parameters=SMALL_PARAMETERS):
        self.folder, self._max_bytes, self._least = Path(folder), max_bytes, least_parameters

    def pays_for(self, elements):
        """Whether a checkpoint with {part: numbers} gets a sidecar."""
        return elements.get("unet", 0) >= self._least

    def find(self, ref, dtype):
        """The sound Sidecar of a CheckpointRef in `dtype`, or None. A damaged one is thrown away."""
        path = self._path(ref, dtype)
        if not path.exists():
            return None
        try:
            sidecar = Sidecar(path, _read_manifest(path))
            if sidecar.content["made_by"] != _made_by():
                raise ValueError("other libraries made it")
            _check_parts(sidecar)
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.warning("the sidecar %s is made anew: %s", path.name, error)
            shutil.rmtree(path, ignore_errors=True)
            return None
        with contextlib.suppress(OSError):
            os.utime(path / MANIFEST)  # used now
        return sidecar

    def peek(self, ref, dtype):
        """The Sidecar as it lies there, its parts not looked at, or None: to know what loading will read."""
        path = self._path(ref, dtype)
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            return Sidecar(path, _read_manifest(path))
        return None

    def write(self, ref, dtype, configs=originals.CONFIGS):
        """Make the Sidecar of a CheckpointRef whose files have been verified, or return the one that is there.

        None when the disk has no room. Raises UnsupportedCheckpoint when the checkpoint cannot be read.
        """
        needed = sum(originals.part_elements(ref).values()) * ITEM_BYTES[dtype]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._alone(ref, dtype):
                if found := self.find(ref, dtype):
                    return found
                if not self._make_room(needed):
                    logger.warning("no room on the disk for the sidecar of %s", ref)
                    return None
                return self._write(ref, dtype, configs)
        except OSError as error:
            logger.warning("the sidecar of %s could not be written: %s", ref, error)
            return None

    def _write(self, ref, dtype, configs):
        scratch = Path(tempfile.mkdtemp(dir=self.folder, prefix=".new-"))
        try:
            pipeline = originals.read(ref, originals.stored_dtype(ref), configs)
            content = {
                "made_by": _made_by(),
                "key": ref.key,
                "name": str(ref),
                "dtype": dtype,
                "origin": origin(ref),
                "scheduler": dict(pipeline.scheduler.config),
                "options": assembly.options_of(pipeline),
                "parts": {part: self._write_part(scratch, part, pipeline, dtype) for part in _parts(pipeline)},
            }
            _write_manifest(scratch, content)
            os.replace(scratch, self._path(ref, dtype))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return self.find(ref, dtype)

    def _write_part(self, folder, part, pipeline, dtype):
        import torch

        path, module = folder / f"{part}.safetensors", getattr(pipeline, part)
        sha256 = assembly.write_part(path, module, getattr(torch, dtype))
        # As it will be read back: lists for tuples, text for keys.
        config = json.loads(json.dumps(assembly.config_of(part, module)))
        identity = hashlib.sha256(f"{sha256} {part} {json.dumps(config, sort_keys=True)}".encode()).hexdigest()
        self._link_to_equal(path, part, identity)
        return {
            "identity": identity,
            "sha256": sha256,
            "bytes": path.stat().st_size,
            "config": config,
            "seen": _seen(path),
            "checked": time.time(),
        }

    def _link_to_equal(self, path, part, identity):
        """Parts that another sidecar has already take no disk a second time, and are in the page cache once."""
        for sidecar in self._all():
            known = sidecar.content["parts"].get(part, {})
            if known.get("identity") == identity and known["seen"] == _seen(sidecar.file(part)):
                with contextlib.suppress(OSError):  # a disk without links keeps both
                    os.link(sidecar.file(part), path.with_suffix(".link"))
                    os.replace(path.with_suffix(".link"), path)
                return

    def known_keys(self):
        """Keys of the checkpoints that have a readable sidecar here, in whatever precision."""
        return {sidecar.content["key"] for sidecar in self._all()}

    def forget(self, key):
        """Remove what was made of the checkpoint with that key."""
        for sidecar in self._all():
            if sidecar.content["key"] == key:
                shutil.rmtree(sidecar.path, ignore_errors=True)

    def bytes(self):
        """Disk taken, files with several names counted once."""
        stats = [file.stat() for file in self.folder.glob("*/*") if file.is_file()]
        return sum({stat.st_ino: stat.st_size for stat in stats}.values())

    def _make_room(self, needed):
        self._sweep()
        waiting = [sidecar.path for sidecar in self._all()]
        while not self._fits(needed):
            if not waiting:
                return False
            shutil.rmtree(waiting.pop(0), ignore_errors=True)
        return True

    def _fits(self, needed):
        taken, free = self.bytes(), shutil.disk_usage(self.folder).free
        bound = (taken + free) * DISK_SHARE if self._max_bytes is None else self._max_bytes
        return taken + needed <= bound and needed + FREE_DISK <= free

    def _sweep(self):
        """Remove what a killed process left half written."""
        for scratch in self.folder.glob(".new-*"):
            with contextlib.suppress(OSError):
                if time.time() - scratch.stat().st_mtime > 3600:
                    shutil.rmtree(scratch, ignore_errors=True)

    def _all(self):
        """Every readable Sidecar, least recently used first."""
        found = []
        for path in self.folder.glob(f"*/{MANIFEST}"):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                found.append((path.stat().st_mtime, str(path), Sidecar(path.parent, _read_manifest(path.parent))))
        return [sidecar for _, _, sidecar in sorted(found, key=lambda each: each[:2])]

    def _path(self, ref, dtype):
        # Keys are hexadecimal; hashed all the same, because they become a name on disk.
        return self.folder / f"{hashlib.sha256(ref.key.encode()).hexdigest()[:32]}-{dtype}-{FORMAT}"

    @contextlib.contextmanager
    def _alone(self, ref, dtype):
        with open(f"{self._path(ref, dtype)}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def write(ref, folder, dtype, configs=originals.CONFIGS):
    """Make the sidecar of a CheckpointRef in `folder` (settings.SIDECARS_DIR), whatever its size. See Sidecars.write.

    Verifies the files first: raises MissingWeights, BadChecksum, UnsupportedCheckpoint.
    """
    from .integrity import Verifier

    Verifier().check_ref(ref)
    return Sidecars(folder).write(ref, dtype, configs)


def origin(ref):
    """{file: [registered SHA-256, bytes, time of change]} of a checkpoint; what is gone has None."""
    root, hashes = Path(ref.path), dict(ref.files)
    base = root if root.is_dir() else root.parent
    names = {name: base / (name if root.is_dir() else Path(name).name) for name in hashes}
    with contextlib.suppress(originals.BadFile, OSError):
        names |= {str(file.relative_to(base)): file for file in originals.weight_files(ref)}
    return {name: [hashes.get(name, ""), *_size_and_time(path)] for name, path in sorted(names.items())}


def _size_and_time(path):
    try:
        stat = path.stat()
    except OSError:
        return [None, None]
    return [stat.st_size, stat.st_mtime_ns]


def _seen(path):
    stat = path.stat()
    return [stat.st_ino, stat.st_size, stat.st_mtime_ns]


def _check_parts(sidecar):
    """Raise ValueError when a part is not what was written. Reads the parts only when there is reason to."""
    changed = False
    for name, part in sidecar.content["parts"].items():
        seen, age = _seen(sidecar.file(name)), time.time() - part["checked"]
        if seen == part["seen"] and 0 <= age < CHECK_DAYS * 86400:
            continue
        with sidecar.file(name).open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != part["sha256"]:
                raise ValueError(f"{name} has other bytes")
        part |= {"seen": seen, "checked": time.time()}
        changed = True
    if changed:
        sidecar.note()


def _parts(pipeline):
    return [part for part in originals.WEIGHED if getattr(pipeline, part, None) is not None]


def _made_by():
    """What decides the names and the arithmetic of the parts."""
    return [FORMAT, *(f"{name} {importlib.metadata.version(name)}" for name in ("diffusers", "transformers"))]


def _digest(content):
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _write_manifest(folder, content):
    content = json.loads(json.dumps(content))
    scratch = folder / f".{MANIFEST}.{os.getpid()}-{threading.get_ident()}"
    with scratch.open("w") as stream:
        json.dump({"sha256": _digest(content), "content": content}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(scratch, folder / MANIFEST)


def _read_manifest(folder):
    whole = json.loads((folder / MANIFEST).read_bytes())
    if _digest(whole["content"]) != whole["sha256"]:
        raise ValueError("its manifest has other bytes")
    return whole["content"]
