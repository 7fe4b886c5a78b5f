"""A folder as one ZIP file, made while it is sent: nothing is written to disk or held in memory.

Not compressed: weights do not shrink, and a processor would be the slowest part of the way.
"""

import zipfile

CHUNK = 256 * 1024
# Files alike in every archive of the same version, so that two downloads of it are the same bytes.
MOMENT = (1980, 1, 1, 0, 0, 0)


class Sink:
    """What ZipFile writes to; it cannot seek, so ZipFile puts sizes and checksums after each file's data."""

    def __init__(self):
        self.parts = []

    def write(self, data):
        self.parts.append(bytes(data))
        return len(data)

    def flush(self):
        """ZipFile asks for this; there is nothing to hold back."""

    def take(self):
        data, self.parts = b"".join(self.parts), []
        return data


def pieces(members):
    """The bytes of an archive of `members`: [(name, path)]. A file that is gone ends the stream with an error."""
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, path in members:
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.external_attr = 0o644 << 16
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                while data := source.read(CHUNK):
                    target.write(data)
                    yield sink.take()
    yield sink.take()
