"""Files made byte by byte, so that every lie a header can tell is tried."""

import json
import struct

import pytest


@pytest.fixture(autouse=True)
def _clean_redis():
    """Inspection knows no Redis; replaces the fixture of the whole suite."""


@pytest.fixture
def write(tmp_path):
    """`write(header, data)` makes a file; the header may be a dict, text or bytes, its length may be a lie."""

    def make(header, data=b"", length=None, name="file.safetensors"):
        raw = json.dumps(header) if isinstance(header, dict) else header
        raw = raw.encode() if isinstance(raw, str) else raw
        path = tmp_path / name
        path.write_bytes(struct.pack("<Q", len(raw) if length is None else length) + raw + data)
        return path

    return make


@pytest.fixture
def named(write):
    """`named("a.weight", ...)` makes a valid file with tensors of these names, or {name: shape}."""

    def make(*names, metadata=None, **shapes):
        shapes = dict.fromkeys(names, (1,)) | shapes.get("shapes", {})
        header, at = {"__metadata__": metadata} if metadata else {}, 0
        for name, shape in shapes.items():
            size = 2
            for side in shape:
                size *= side
            header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [at, at + size]}
            at += size
        return write(header, bytes(at))

    return make
