"""Reads the weights of ncnn networks made of convolutions and PReLUs: the format Real-ESRGAN comes in here.

The .param file is text, one layer a line; the .bin file holds their numbers in the same order: per
convolution a 4-byte tag, the weights (fp16 padded to 4 bytes, or fp32) and an fp32 bias; per PReLU
its fp32 slopes.
"""

from .errors import BadChecksum

MAGIC = "7767517"
HALF_TAG, FULL_TAG = 0x01306B47, 0


def read_layers(param_path, bin_path):
    """State of each layer in order: {"weight": ..., "bias": ...} or {"weight": slopes}, fp32 tensors.

    Raises BadChecksum when the two files do not belong together.
    """
    lines = param_path.read_text().split("\n")
    numbers = _Numbers(bin_path.read_bytes())
    readers = {"Convolution": _convolution, "PReLU": _prelu}
    try:
        if lines[0].strip() != MAGIC:
            raise ValueError("not an ncnn .param file")
        found = [readers[kind](numbers, settings) for kind, settings in map(_layer, lines[2:]) if kind in readers]
        numbers.finish()
    except (ValueError, KeyError, IndexError) as error:
        raise BadChecksum(file=bin_path.name) from error
    return found


def _layer(line):
    """(kind, {number: value}) of one line: kind name inputs outputs in... out... 0=.. 1=.."""
    words = line.split()
    if not words:
        return "", {}
    blobs = int(words[2]) + int(words[3])
    return words[0], dict(word.split("=", 1) for word in words[4 + blobs :])


def _convolution(numbers, settings):
    channels, side, count = int(settings["0"]), int(settings["1"]), int(settings["6"])
    weight = numbers.tagged(count).reshape(channels, count // (channels * side * side), side, side)
    return {"weight": weight, "bias": numbers.take("<f4", channels)}


def _prelu(numbers, settings):
    return {"weight": numbers.take("<f4", int(settings["0"]))}


class _Numbers:
    """The .bin file, read from front to back."""

    def __init__(self, raw):
        self._raw, self._at = raw, 0

    def take(self, dtype, count):
        import numpy
        import torch

        values = numpy.frombuffer(self._raw, dtype, count, self._at)
        self._at += values.nbytes
        return torch.from_numpy(values.astype("float32"))

    def tagged(self, count):
        tag = int.from_bytes(self._raw[self._at : self._at + 4], "little")
        self._at += 4
        if tag not in (HALF_TAG, FULL_TAG):
            raise ValueError(f"unknown ncnn weight tag {tag:#x}")
        values = self.take("<f2" if tag == HALF_TAG else "<f4", count)
        self._at += -self._at % 4
        return values

    def finish(self):
        if self._at != len(self._raw):
            raise ValueError("numbers left over")
