"""From files to a pipeline that is ready to draw: out of the sidecar where there is one, else as uploaded."""

import hashlib
import logging
import os
import threading
from dataclasses import dataclass

from . import assembly, hardware, originals, preview
from .errors import EngineError
from .integrity import Verifier
from .originals import CONFIGS, SINGLE_FAMILIES  # noqa: F401  known here to others
from .runtime import release_memory
from .sharing import Shelf
from .sidecars import origin

logger = logging.getLogger(__name__)
READ_AHEAD = 2**26  # bytes asked of the disk at a time


@dataclass
class Loaded:
    """A pipeline, its own scheduler configuration, the map for previews (None if it has none), its precision."""

    pipeline: object
    scheduler_config: dict
    preview: preview.PreviewMap | None
    dtype: str


class Loader:
    """Brings the checkpoints of one process into memory; the two sides of a CheckpointCache.

    hardware: what to load for. bound: bytes that may be loaded. verifier: remembers which files are what they were.
    sidecars: the Sidecars to read from and to write on first use, or None. configs: layer sizes of single files.
    """

    def __init__(self, hardware, bound, verifier=None, sidecars=None, configs=CONFIGS):
        self._hardware, self._bound, self._verifier = hardware, bound, verifier or Verifier()
        self._sidecars, self._configs = sidecars, configs
        self._shelf = Shelf()

    def size_of(self, ref):
        """{identity of a part: bytes it will take on the device}, before loading. Raises as `load` does."""
        dtype, elements = self._dtype(ref)
        sidecar = self._sidecar(ref, dtype, elements)
        if sidecar is None:
            self._verifier.check_ref(ref)
        return self._sizes(ref, dtype, elements, sidecar)

    def load(self, ref):
        """(Loaded, {identity of a part: bytes}). Raises UnsupportedCheckpoint, MissingWeights, BadChecksum."""
        dtype, elements = self._dtype(ref)
        sidecar = self._sidecar(ref, dtype, elements) or self._new_sidecar(ref, dtype, elements)
        placement = self._placement(dtype, elements, sidecar)
        # Parts that are moved about during drawing belong to one pipeline alone.
        shelf = self._shelf if placement.offload == "none" else Shelf()
        pipeline = from_sidecar(ref, sidecar, shelf) if sidecar else self._from_original(ref, dtype, shelf)
        if not sidecar:
            release_memory()
        pipeline.set_progress_bar_config(disable=True)
        put(pipeline, self._hardware, placement)
        loaded = Loaded(pipeline, dict(pipeline.scheduler.config), _preview(pipeline, sidecar), dtype)
        return loaded, self._sizes(ref, dtype, elements, sidecar)

    def prepare(self, ref):
        """The Sidecar of a CheckpointRef, made if need be; None where none is used. Raises as `load` does."""
        dtype, elements = self._dtype(ref)
        self._verifier.check_ref(ref)
        return self._sidecar(ref, dtype, elements) or self._new_sidecar(ref, dtype, elements)

    def read_ahead(self, ref):
        """Ask the disk for what `load(ref)` will read, without waiting. False when it is not worth it or too large.

        What is read goes to the page cache, which gives way to anything else; it is asked for only while twice its
        size is free, so that it does not push out what the present job is using.
        """
        try:
            # Nothing is verified here: that can take seconds, and loading does it.
            dtype, elements = self._dtype(ref)
            used = self._sidecars is not None and self._sidecars.pays_for(elements)
            sidecar = self._sidecars.peek(ref, dtype) if used else None
            files = sidecar.files if sidecar else originals.weight_files(ref)
            needed = sum(file.stat().st_size for file in files)
        except (*originals.READING_ERRORS, EngineError) as error:
            logger.info("%s cannot be read ahead: %s", ref, error)  # loading it will say so to whom it concerns
            return False
        if hardware.free_memory() < 2 * needed:
            return False
        threading.Thread(target=_advise, args=(files,), name="read-ahead", daemon=True).start()
        return True

    def _dtype(self, ref):
        try:
            elements = originals.part_elements(ref)
        except originals.UnsupportedCheckpoint:
            self._verifier.check_ref(ref)  # a file that is gone or was changed is told as such
            raise
        return self._hardware.dtype_for(elements.get("unet", 0)), elements

    def _sidecar(self, ref, dtype, elements):
        """The sound sidecar of files that are unchanged, or None."""
        if self._sidecars is None or not self._sidecars.pays_for(elements):
            return None
        sidecar = self._sidecars.find(ref, dtype)
        if sidecar is None:
            return None
        now = origin(ref)
        if now == sidecar.content["origin"]:
            self._verifier.trust(ref, now)
        self._verifier.check_ref(ref)
        if now != sidecar.content["origin"]:
            if not ref.files:  # nothing says that these are the same weights
                self._sidecars.forget(ref.key)
                return None
            sidecar.note(origin=now)
        return sidecar

    def _new_sidecar(self, ref, dtype, elements):
        if self._sidecars is None or not self._sidecars.pays_for(elements):
            return None
        sidecar = self._sidecars.write(ref, dtype, self._configs)
        release_memory()
        return sidecar

    def _placement(self, dtype, elements, sidecar):
        item = hardware.ITEM_BYTES[dtype]
        parts = sidecar.part_bytes if sidecar else {part: count * item for part, count in elements.items()}
        return hardware.place(parts, self._hardware, self._bound)

    def _sizes(self, ref, dtype, elements, sidecar):
        placement = self._placement(dtype, elements, sidecar)
        if placement.offload != "none":
            return {ref.key: placement.bytes}
        if sidecar:
            return sidecar.identities
        item = hardware.ITEM_BYTES[dtype]
        return {_identity(ref, part, dtype): count * item for part, count in elements.items()}

    def _from_original(self, ref, dtype, shelf):
        wanted = {part: _identity(ref, part, dtype) for part in originals.WEIGHED} if ref.files else {}
        held = {part: module for part, identity in wanted.items() if (module := shelf.get(identity)) is not None}
        pipeline = originals.read(ref, dtype, self._configs, **held)
        for module in modules(pipeline):
            module.eval().requires_grad_(False)
        for part, identity in wanted.items():
            if (module := getattr(pipeline, part, None)) is not None:
                shelf.take(identity, lambda module=module: module)
        return pipeline


def _identity(ref, part, dtype):
    """What a part is: the registered hashes of its files in a folder; of a single file, nothing but itself."""
    files = sorted((name, sha256) for name, sha256 in ref.files if sha256 and name.startswith(f"{part}/"))
    if ref.layout == "single" or not any(name.endswith(".safetensors") for name, _ in files):
        return f"{ref.key}/{part}/{dtype}"
    return hashlib.sha256(f"{files} {dtype}".encode()).hexdigest()


def from_sidecar(ref, sidecar, shelf):
    """The pipeline of a Sidecar, on the CPU; parts that are on the shelf already are shared."""
    held = {
        part: shelf.take(
            described["identity"],
            lambda part=part, described=described: assembly.read_part(part, described["config"], sidecar.file(part)),
        )
        for part, described in sidecar.content["parts"].items()
    }
    content = sidecar.content
    return assembly.assemble(held, originals.tokenizers(ref), content["scheduler"], content["options"])


def _preview(pipeline, sidecar):
    """The map for previews; fitting one takes a full-size VAE half a second, so a sidecar keeps it."""
    if sidecar and "preview" in sidecar.content:
        return preview.PreviewMap.from_list(sidecar.content["preview"])
    found = preview.fit(pipeline.vae, pipeline._execution_device)
    if sidecar and found:
        try:
            sidecar.note(preview=found.to_list())
        except OSError as error:
            logger.warning("the preview of %s is not kept: %s", sidecar.path.name, error)
    return found


def put(pipeline, hardware, placement):
    """Place a pipeline on the device as planned."""
    if placement.offload == "model":
        pipeline.enable_model_cpu_offload(device=hardware.device)
    elif placement.offload == "sequential":
        pipeline.enable_sequential_cpu_offload(device=hardware.device)
    else:
        pipeline.to(hardware.device)
    if placement.slicing:
        pipeline.enable_attention_slicing()


def modules(pipeline):
    """The parts of a pipeline that hold weights."""
    import torch

    return [part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)]


def weight_bytes(pipeline):
    """Bytes of all weights and buffers of a pipeline."""
    tensors = (tensor for module in modules(pipeline) for tensor in (*module.parameters(), *module.buffers()))
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _advise(files):
    for file in files:
        try:
            with file.open("rb") as stream:
                for start in range(0, file.stat().st_size, READ_AHEAD):
                    os.posix_fadvise(stream.fileno(), start, READ_AHEAD, os.POSIX_FADV_WILLNEED)
        except (OSError, AttributeError):  # gone meanwhile, or a system without this advice
            return
