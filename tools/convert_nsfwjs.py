"""Write generation/engine/detectors/nsfwjs-mobilenet-v2.safetensors from the npm package nsfwjs.

    npm pack nsfwjs@4.4.0 && tar xzf nsfwjs-4.4.0.tgz
    python -m tools.convert_nsfwjs package

Needs node, because the package keeps its numbers inside scripts. The 8-bit numbers are kept as they are; minimum and
step of each tensor go into the file's header.
"""

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "generation" / "engine" / "detectors" / "nsfwjs-mobilenet-v2.safetensors"
SHARD_SHA256 = "8e7dddbb16acacc1bf1601b1b8a761e730ff934b7f2d7771312b2f000e5f5f13"
READ = "const m = require(process.argv[1]); const v = m.default ?? m; console.log(JSON.stringify(v))"


def read(path):
    """What a script of the package exports."""
    command = ["node", "-e", READ, str(path.resolve())]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)  # noqa: S603


def main(package):
    import numpy as np
    from safetensors.numpy import save_file

    folder = Path(package) / "dist" / "models" / "mobilenet_v2"
    shard = base64.b64decode(read(folder / "group1-shard1of1.min.js"))
    if hashlib.sha256(shard).hexdigest() != SHARD_SHA256:
        sys.exit("The package holds other numbers than those of nsfwjs 4.4.0.")
    tensors, steps, start = {}, {}, 0
    for entry in read(folder / "model.min.js")["weightsManifest"][0]["weights"]:
        count = int(np.prod(entry["shape"]))
        tensors[entry["name"]] = np.frombuffer(shard, np.uint8, count, start).reshape(entry["shape"])
        steps[entry["name"]] = [entry["quantization"]["min"], entry["quantization"]["scale"]]
        start += count
    save_file(tensors, TARGET, {"quantization": json.dumps(steps), "source": "nsfwjs 4.4.0 mobilenet_v2, MIT"})


if __name__ == "__main__":
    main(sys.argv[1])
