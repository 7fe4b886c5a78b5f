"""What this CPU computes faster, measured once and remembered.

Precision and threads change pixels in the last bit, so a busy moment must not decide them anew at each start: the
result is kept in a file, and measured again only on another CPU, another number of cores or another torch.
"""

import json
import os
import platform
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from . import hardware, runtime

# The two layers that take most of a Stable Diffusion UNet's time, at 256 px so that a start is not held up: a
# convolution of 320 channels over 32 x 32 and the feed-forward layer over its 1,024 tokens.
CHANNELS, SIDE, WIDE = 320, 32, 2560
# The fastest of so many turns: what other processes take away from a turn only makes it slower.
TURNS = 5
# bfloat16 rounds more, and more threads disturb the neighbours: each has to be faster by a fifth to be chosen.
WORTH = 0.8


@dataclass(frozen=True)
class Calibration:
    """`dtype` and `threads` for full-size checkpoints on this CPU; `seconds` of the layers by way, for the curious."""

    dtype: str
    threads: int
    seconds: dict


def calibrated(path):
    """The Calibration kept in the file `path`, measured now if it is not there or is of another machine."""
    machine = fingerprint()
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = json.loads(Path(path).read_text())
        if kept.pop("machine") == machine:
            return Calibration(**kept)
    found = measure()
    with suppress(OSError):  # a folder that cannot be written costs the measurement again, not the worker
        write(path, {"machine": machine, **asdict(found)})
    return found


def fingerprint():
    """What the result depends on: processor, cores, torch."""
    import torch

    features = sorted(hardware.cpu_features() & {"avx2", "avx512f", "asimd", *hardware.BFLOAT16_FEATURES})
    return [platform.machine(), *features, hardware.default_threads(), torch.__version__]


def measure():
    """Time the layers in both precisions and numbers of threads, turn by turn so that all meet the same machine."""
    ways = [(dtype, threads) for threads in thread_choices() for dtype in ("float32", "bfloat16")]
    layers = {dtype: layer_of(dtype) for dtype in ("float32", "bfloat16")}
    best = dict.fromkeys(ways, float("inf"))
    for _turn in range(TURNS):
        for dtype, threads in ways:
            best[dtype, threads] = min(best[dtype, threads], seconds_of(layers[dtype], threads))
    dtype, threads = choose(best)
    return Calibration(
        dtype, threads, {f"{dtype} x{threads}": round(best[dtype, threads], 4) for dtype, threads in ways}
    )


def choose(seconds):
    """(dtype, threads) out of {(dtype, threads): seconds}: the plainest that nothing beats by a fifth."""
    chosen = min(seconds, key=lambda way: (way[1], way[0] != "float32"))
    for way in sorted(seconds, key=seconds.get):
        if seconds[way] < seconds[chosen] * WORTH:
            return way
    return chosen


def thread_choices():
    """All logical cores, and one per physical core where those are fewer."""
    import psutil

    logical = hardware.default_threads()
    return sorted({min(psutil.cpu_count(logical=False) or logical, logical), logical})


def layer_of(dtype):
    """The two layers with random weights, as a function without arguments."""
    import torch

    kind, random = getattr(torch, dtype), torch.Generator().manual_seed(0)
    picture = torch.randn(1, CHANNELS, SIDE, SIDE, generator=random).to(kind)
    kernel = torch.randn(CHANNELS, CHANNELS, 3, 3, generator=random).to(kind)
    tokens = torch.randn(SIDE * SIDE, CHANNELS, generator=random).to(kind)
    matrix = torch.randn(WIDE, CHANNELS, generator=random).to(kind)

    def layer():
        with torch.inference_mode():
            torch.nn.functional.conv2d(picture, kernel, padding=1)
            torch.nn.functional.linear(tokens, matrix)

    return layer


def seconds_of(layer, threads):
    with runtime.using_threads(threads):
        began = time.perf_counter()
        layer()
        return time.perf_counter() - began


def write(path, values):
    """Whole or not at all: several workers may start at once."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".calibration-", delete=False) as file:
        json.dump(values, file)
    os.replace(file.name, path)
