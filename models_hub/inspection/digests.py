"""The names by which the world knows a file's content, all from one reading of it.

SHA256 of the whole file; AutoV2, its first ten digits, as A1111 shows checkpoints; AutoV3, the first twelve digits of
the SHA-256 of what follows a .safetensors header, as kohya's trainer and A1111 name LoRAs (editing the notes in the
header does not change it); BLAKE3; CRC32.
"""

import hashlib
import zlib

from .safetensors import MAX_HEADER

PIECE = 4 * 1024 * 1024  # bytes read at a time


def digests(stream, safetensors=True):
    """{"SHA256": lower-case hexadecimal, ...} of an open file; AutoV3 only of .safetensors files."""
    import blake3

    stream.seek(0)
    start = 8 + int.from_bytes(stream.read(8), "little")
    stream.seek(0)
    whole, data, third, crc, position = hashlib.sha256(), hashlib.sha256(), blake3.blake3(), 0, 0
    while piece := stream.read(PIECE):
        view = memoryview(piece)
        whole.update(view)
        third.update(view)
        crc = zlib.crc32(view, crc)
        if safetensors:
            data.update(view[max(start - position, 0) :])
        position += len(piece)
    sha256 = whole.hexdigest()
    found = {"SHA256": sha256, "AutoV2": sha256[:10], "BLAKE3": third.hexdigest(), "CRC32": f"{crc:08x}"}
    if safetensors and 8 < start <= min(MAX_HEADER + 8, position):
        found["AutoV3"] = data.hexdigest()[:12]
    return found
