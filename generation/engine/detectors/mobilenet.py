"""nsfwjs' MobileNetV2 in torch: how far a picture is drawing, hentai, neutral, porn, sexy.

The weights are those of the npm package nsfwjs 4.4.0 (MIT, Infinite Red; LICENSE.nsfwjs.txt), kept as its 8-bit
numbers in nsfwjs-mobilenet-v2.safetensors by tools/convert_nsfwjs.py. Architecture: Sandler et al., "MobileNetV2:
Inverted Residuals and Linear Bottlenecks", 2018, width 1.0, with a head of 256, 128 and 5.
"""

import functools
import json
from pathlib import Path

WEIGHTS = Path(__file__).with_name("nsfwjs-mobilenet-v2.safetensors")
CLASSES = ("drawing", "hentai", "neutral", "porn", "sexy")
SIDE = 224  # pixels
EPSILON = 1e-3
# Stride of each inverted residual; those of stride 1 with as many channels out as in add their input.
STRIDES = (1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1)


def scores(image):
    """{class: probability} of a PIL picture."""
    import numpy as np
    import torch
    from PIL import Image

    small = image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    pixels = torch.from_numpy(np.asarray(small, np.float32) / 255).permute(2, 0, 1)[None]
    with torch.inference_mode():
        found = _forward(pixels, _weights())[0]
    return dict(zip(CLASSES, found.tolist(), strict=True))


@functools.cache
def _weights():
    """{layer: (kernel, bias)}, each batch normalisation folded into the convolution before it."""
    from safetensors import safe_open

    with safe_open(WEIGHTS, "pt") as file:
        steps = json.loads(file.metadata()["quantization"])
        raw = {name: file.get_tensor(name).float() * steps[name][1] + steps[name][0] for name in file.keys()}  # noqa: SIM118
    layers = {}
    for name in (key.rpartition("/")[0] for key in raw if key.endswith("kernel") and not key.startswith("dense")):
        layers[name] = _folded(raw, name)
    for name in ("dense_1", "dense_2", "dense_3"):
        layers[name] = raw[f"{name}/kernel"].T.contiguous(), raw[f"{name}/bias"]
    return layers


def _folded(raw, name):
    depthwise = f"{name}/depthwise_kernel" in raw
    kernel = raw[f"{name}/depthwise_kernel" if depthwise else f"{name}/kernel"]
    # TensorFlow keeps height, width, in, out; a depthwise kernel has one filter for each channel in.
    kernel = kernel.permute(2, 3, 0, 1) if depthwise else kernel.permute(3, 2, 0, 1)
    norm = {"Conv1": "bn_Conv1", "Conv_1": "Conv_1_bn"}.get(name, f"{name}_BN")
    scale = raw[f"{norm}/gamma"] / (raw[f"{norm}/moving_variance"] + EPSILON).sqrt()
    bias = raw[f"{norm}/beta"] - raw[f"{norm}/moving_mean"] * scale
    return (kernel * scale.view(-1, 1, 1, 1)).contiguous(), bias


def _forward(x, weights):
    import torch.nn.functional as F  # noqa: N812

    def conv(x, name, stride=1, relu=True):
        kernel, bias = weights[name]
        groups = x.shape[1] if kernel.shape[1] == 1 and x.shape[1] > 1 else 1
        if kernel.shape[-1] == 3:
            x = F.pad(x, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))
        x = F.conv2d(x, kernel, bias, stride, groups=groups)
        return x.clamp(0, 6) if relu else x

    x = conv(x, "Conv1", 2)
    for number, stride in enumerate(STRIDES):
        block = f"block_{number}" if number else "expanded_conv"
        inside = conv(x, f"{block}_expand") if number else x
        inside = conv(inside, f"{block}_depthwise", stride)
        inside = conv(inside, f"{block}_project", relu=False)
        x = x + inside if stride == 1 and x.shape[1] == inside.shape[1] else inside
    x = conv(x, "Conv_1").mean((2, 3))
    for name in ("dense_1", "dense_2"):
        x = F.relu(F.linear(x, *weights[name]))
    return F.linear(x, *weights["dense_3"]).softmax(-1)
