"""The two Real-ESRGAN networks. Layers are defined in the order the published weights list them."""

import torch
from torch import nn
from torch.nn import functional

SLOPE = 0.2  # of the leaky ReLUs
RESIDUAL = 0.2  # how much of a block's answer is added to its input


def _convolution(inputs, outputs):
    return nn.Conv2d(inputs, outputs, 3, padding=1)


def _leaky(tensor):
    return functional.leaky_relu(tensor, SLOPE)


class CompactNet(nn.Module):
    """SRVGGNetCompact: plain convolutions at low resolution, then one pixel shuffle."""

    def __init__(self, hidden, features=64, scale=4):
        super().__init__()
        layers = [_convolution(3, features), nn.PReLU(features)]
        for _ in range(hidden):
            layers += [_convolution(features, features), nn.PReLU(features)]
        self.body = nn.Sequential(*layers, _convolution(features, 3 * scale * scale))
        self.scale = scale

    def forward(self, picture):
        detail = functional.pixel_shuffle(self.body(picture), self.scale)
        return detail + functional.interpolate(picture, scale_factor=self.scale, mode="nearest")


class DenseBlock(nn.Module):
    """Five convolutions, each reading everything before it."""

    def __init__(self, features, growth):
        super().__init__()
        widths = [growth] * 4 + [features]
        self.layers = nn.ModuleList(_convolution(features + place * growth, w) for place, w in enumerate(widths))

    def forward(self, tensor):
        seen = [tensor]
        for layer in self.layers[:4]:
            seen.append(_leaky(layer(torch.cat(seen, 1))))
        return self.layers[4](torch.cat(seen, 1)) * RESIDUAL + tensor


class RRDB(nn.Module):
    """Residual in residual: three dense blocks around which the input is added once more."""

    def __init__(self, features, growth):
        super().__init__()
        self.blocks = nn.Sequential(*(DenseBlock(features, growth) for _ in range(3)))

    def forward(self, tensor):
        return self.blocks(tensor) * RESIDUAL + tensor


class RRDBNet(nn.Module):
    """ESRGAN's network: a deep body at low resolution, two doublings, two finishing convolutions."""

    def __init__(self, blocks, features=64, growth=32):
        super().__init__()
        self.first = _convolution(3, features)
        self.body = nn.Sequential(*(RRDB(features, growth) for _ in range(blocks)))
        self.after_body = _convolution(features, features)
        self.up1, self.up2 = _convolution(features, features), _convolution(features, features)
        self.finish = _convolution(features, features)
        self.last = _convolution(features, 3)

    def forward(self, picture):
        start = self.first(picture)
        tensor = start + self.after_body(self.body(start))
        for double in (self.up1, self.up2):
            tensor = _leaky(double(functional.interpolate(tensor, scale_factor=2, mode="nearest")))
        return self.last(_leaky(self.finish(tensor)))
