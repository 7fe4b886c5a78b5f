"""The process the engine runs in: quiet, offline, and giving memory back."""

import contextlib
import ctypes
import functools
import gc
import os
import sys

# Set before torch and the Hugging Face libraries are imported; they read these once.
_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # Waiting OpenMP threads otherwise spin: measured 24-33 CPU seconds a job instead of 13 beside busy neighbours.
    "OMP_WAIT_POLICY": "PASSIVE",
}


def prepare(threads):
    """Import torch and the pipelines with telemetry and progress bars off. Takes seconds the first time."""
    os.environ.update(_ENVIRONMENT)
    import diffusers
    import torch
    import transformers

    torch.set_num_threads(threads)
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    # Lazily imported classes are the slow part; a worker wants to have paid before its first job.
    _ = diffusers.StableDiffusionPipeline, diffusers.StableDiffusionXLPipeline
    _set_libraries_aside()


@contextlib.contextmanager
def using_threads(number):
    """So many threads for torch inside the block."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@functools.cache
def _set_libraries_aside():
    """Once per process: the libraries' objects stay for good; collecting around them saves 0.2 s each time."""
    gc.collect()
    gc.freeze()


def release_memory():
    """Hand freed memory back to the system: Python's cycles, glibc's arenas, the card's cache."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # musl has no malloc_trim
            ctypes.CDLL(None).malloc_trim(0)


def is_out_of_memory(error):
    """Whether this exception says that memory ran out, whichever library says it."""
    torch = sys.modules.get("torch")
    if isinstance(error, MemoryError) or (torch is not None and isinstance(error, torch.OutOfMemoryError)):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and ("can't allocate memory" in text or "not enough memory" in text)


def versions():
    """Versions of the libraries that decide the pixels."""
    import diffusers
    import peft
    import torch
    import transformers

    return {module.__name__: module.__version__ for module in (torch, diffusers, transformers, peft)}


def resident_bytes():
    """Memory this process holds now."""
    import psutil

    return psutil.Process().memory_info().rss
