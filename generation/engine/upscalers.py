"""Real-ESRGAN: the pictures four times as large, with edges that stay sharp.

Two published networks (Wang et al., BSD-3): the compact one (0.6 M weights, a drawn look, under a second
for 128 px) and RRDB (16.7 M or 4.5 M weights, photographic, tens of seconds on a CPU).
"""

from dataclasses import dataclass

from .errors import InvalidSpec
from .ncnn import read_layers
from .weights import WEIGHTS, check

SCALE = 4


@dataclass(frozen=True)
class Shape:
    """`tile`: source pixels drawn at once; `overlap`: how far a tile looks beyond its edge."""

    compact: bool
    tile: int
    overlap: int


# The compact net has 18 convolutions of 3x3, so it sees 18 pixels far: with that overlap tiles are exact.
# RRDB sees the whole picture; with 32 its seams were at most 10 of 255, 0.2 on average (48 px tiles, docs/engine.md).
SHAPES = {
    "realesr-animevideov3-x4": Shape(compact=True, tile=256, overlap=18),
    "realesrgan-x4plus": Shape(compact=False, tile=192, overlap=32),
    "realesrgan-x4plus-anime": Shape(compact=False, tile=192, overlap=32),
}


def load_upscaler(name, weights_dir, device="cpu"):
    """The network in eval mode, in fp32. Raises InvalidSpec, MissingWeights, BadChecksum."""
    import torch

    from .esrgan import CompactNet, RRDBNet

    if name not in SHAPES:
        raise InvalidSpec(field="upscaler", problem=f"choose one of {', '.join(SHAPES)}.")
    param, numbers = check(WEIGHTS[name], weights_dir)
    layers = read_layers(param, numbers)
    convolutions = sum("bias" in layer for layer in layers)
    network = CompactNet(convolutions - 2) if SHAPES[name].compact else RRDBNet((convolutions - 6) // 15)
    slots = [m for m in network.modules() if isinstance(m, torch.nn.Conv2d | torch.nn.PReLU)]
    for slot, layer in zip(slots, layers, strict=True):
        slot.load_state_dict(layer)
    return network.eval().requires_grad_(False).to(device)


def upscale(network, image, shape, on_tile=lambda done, of: None):
    """The PIL image four times as large. Colours go through the network, an alpha channel is only resized."""
    from PIL import Image

    colours = Image.fromarray(_through(network, image.convert("RGB"), shape, on_tile))
    if "A" in image.getbands():
        colours.putalpha(image.getchannel("A").resize(colours.size, Image.Resampling.BICUBIC))
    return colours


def _through(network, image, shape, on_tile):
    import numpy
    import torch

    device = next(network.parameters()).device
    source = torch.from_numpy(numpy.array(image)).permute(2, 0, 1)[None].float() / 255
    height, width = source.shape[2:]
    result = torch.empty(height * SCALE, width * SCALE, 3, dtype=torch.uint8)
    corners = [(top, left) for top in range(0, height, shape.tile) for left in range(0, width, shape.tile)]
    on_tile(0, len(corners))  # whoever has cancelled does not wait for the first, which may take a minute
    for done, (top, left) in enumerate(corners, start=1):
        box = _Box(top, left, height, width, shape)
        with torch.inference_mode():
            tile = network(source[:, :, box.outer_rows, box.outer_columns].to(device))[0].cpu()
        pixels = (tile.clamp(0, 1) * 255).round().byte().permute(1, 2, 0)
        result[box.rows, box.columns] = pixels[box.kept_rows, box.kept_columns]
        on_tile(done, len(corners))
    return result.numpy()


class _Box:
    """Where one tile is read (with its overlap), which part of it is kept, and where that goes."""

    def __init__(self, top, left, height, width, shape):
        self.outer_rows, self.kept_rows, self.rows = _span(top, height, shape)
        self.outer_columns, self.kept_columns, self.columns = _span(left, width, shape)


def _span(start, length, shape):
    end = min(start + shape.tile, length)
    outer = slice(max(start - shape.overlap, 0), min(end + shape.overlap, length))
    kept = slice((start - outer.start) * SCALE, (end - outer.start) * SCALE)
    return outer, kept, slice(start * SCALE, end * SCALE)
