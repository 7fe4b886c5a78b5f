"""What to compute on, in which precision, and how much may stay loaded."""

import functools
import os
from dataclasses import dataclass

GIB = 2**30
# Left free on a card for activations. An estimate for SDXL at 1024 px in fp16; no card was at hand to measure.
WORKING_BYTES = 2 * GIB
# Share of free memory the cache may fill by default; the rest is for activations, decoding and neighbours.
CACHE_SHARE = 0.5
ITEM_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}

# Between the starter (17 M) and the smallest of the Stable Diffusion UNets (860 M); not measured in between.
SMALL_PARAMETERS = 100_000_000
# x86 with AVX-512 or AMX units for it; "bf16" is how Linux names it on ARM.
BFLOAT16_FEATURES = {"avx512_bf16", "amx_bf16", "bf16"}


@dataclass(frozen=True)
class Hardware:
    """Where and how tensors live. `free` is the memory of the device in bytes when the engine started.

    `dtype` is the precision of full-size checkpoints, `small_dtype` that of small ones (empty: the same).
    """

    device: str
    dtype: str
    threads: int
    free: int
    small_dtype: str = ""

    def dtype_for(self, unet_parameters):
        """The precision a checkpoint with a UNet of so many parameters is drawn in."""
        return self.small_dtype if self.small_dtype and unet_parameters < SMALL_PARAMETERS else self.dtype


@dataclass(frozen=True)
class Placement:
    """How one checkpoint sits on the device.

    offload: "none" keeps all of it there; "model" moves one part at a time (slower, needs room for
    the largest part); "sequential" moves layer by layer (slowest, fits nearly anything).
    """

    offload: str
    bytes: int
    slicing: bool


def detect(device=None, threads=None, dtype=None, calibrated=None):
    """The Hardware of this machine: CUDA in fp16 when there is a card, else the CPU in what it computes fastest.

    `dtype` overrules the choice for checkpoints of every size. `calibrated()` gives the Calibration of this CPU, and
    is called only for one; without it the CPU's flags decide. Raises ValueError when the device cannot use `dtype`.
    """
    import torch

    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    on_card = device.startswith("cuda")
    usable = set(ITEM_BYTES) if on_card else {"float32", "bfloat16"}
    if dtype and dtype not in usable:
        raise ValueError(f"RENDER_DTYPE is {dtype}; on this device choose one of {', '.join(sorted(usable))}.")
    found = calibrated() if calibrated and not on_card else None
    if on_card:
        best, small = card_dtypes(torch.cuda.get_device_capability(device))
    else:
        best, small = cpu_dtypes(found.dtype) if found else cpu_dtypes(flagged_dtype(cpu_features()))
    return Hardware(
        device=device,
        dtype=dtype or best,
        threads=threads or (found.threads if found else default_threads()),
        free=torch.cuda.mem_get_info(device)[0] if on_card else free_memory(),
        small_dtype="" if dtype else small,
    )


def card_dtypes(capability):
    """(dtype, dtype of small checkpoints) for a card of that CUDA capability (major, minor).

    fp16 is what checkpoints are published in, and fast since 7.0; 6.1 computes it at 1/64 of fp32's speed
    (CUDA C++ programming guide, arithmetic throughput), other old ones at half or not at all.
    """
    return ("float16", "") if capability >= (7, 0) or capability == (6, 0) else ("float32", "")


def cpu_dtypes(best):
    """(dtype, dtype of small checkpoints) for a CPU that computes fastest in `best`.

    Small checkpoints stay in float32: they gain 0.1 s of 0.5, and their pictures are the same on every CPU.
    """
    return ("bfloat16", "float32") if best == "bfloat16" else ("float32", "")


def flagged_dtype(features):
    """What a CPU with those feature flags should compute fastest in, where nothing was measured (calibration.py).

    With bfloat16 instructions (measured: avx512_bf16) matrices and convolutions take half the time of float32;
    without them torch widens and narrows around each. fp16 has no kernels on a CPU (a hundred times slower).
    """
    return "bfloat16" if features & BFLOAT16_FEATURES else "float32"


@functools.cache
def cpu_features():
    """The flags of this machine's CPU as Linux names them; elsewhere none."""
    try:
        with open("/proc/cpuinfo") as stream:
            lines = [line for line in stream if line.lower().startswith(("flags", "features"))]
    except OSError:
        return frozenset()
    return frozenset(lines[0].split(":", 1)[1].split()) if lines else frozenset()


def threads_for(parameters, hardware):
    """Threads that draw fastest with a UNet of so many parameters.

    The layers of a small one are done sooner than sleeping threads wake up: measured on two cores, 16.8 M parameters,
    20 steps: one thread 1.13 s (beside a busy neighbour 1.2), two 1.47 s (1.29). Two that spin take 0.70 s, but
    beside a busy neighbour more than 3, so threads here sleep (runtime.py).
    """
    return 1 if hardware.device == "cpu" and parameters < SMALL_PARAMETERS else hardware.threads


def default_threads():
    """One thread per core this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_memory():
    """Bytes this process could still take: the machine's, or its control group's if that is less."""
    import psutil

    available = psutil.virtual_memory().available
    try:
        with open("/sys/fs/cgroup/memory.max") as limit, open("/sys/fs/cgroup/memory.current") as used:
            available = min(available, int(limit.read()) - int(used.read()))
    except (OSError, ValueError):  # no control group, or its limit is "max"
        pass
    return max(available, 0)


def default_cache_bytes(hardware):
    """How much may stay loaded on this machine when the operator sets nothing."""
    return int(hardware.free * CACHE_SHARE)


def place(parts, hardware, bound):
    """How a checkpoint whose parts take `parts` ({name: bytes}) fits under `bound` bytes on this hardware.

    On a CPU nothing can be moved elsewhere, so it is always whole. Returns a Placement, whose
    `bytes` may exceed the bound; the cache refuses then.
    """
    whole, largest = sum(parts.values()), max(parts.values(), default=0)
    if not hardware.device.startswith("cuda"):
        return Placement("none", whole, slicing=False)
    slicing = hardware.free - whole < 2 * WORKING_BYTES
    if whole <= bound and whole + WORKING_BYTES <= hardware.free:
        return Placement("none", whole, slicing)
    if largest <= bound and largest + WORKING_BYTES <= hardware.free:
        return Placement("model", largest, slicing=True)
    return Placement("sequential", min(largest, GIB // 2), slicing=True)


def readable(count):
    """Bytes as people write them: 1.5 GB, 46 MB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(count / 1e6, 0.1):.1f} MB"
