"""Files on their way in: resumable uploads (tus 1.0) into quarantine.

What has arrived is the size of the file in quarantine, not what a row says: after any crash the two may differ, and the
file is right. `arrived` turns a whole upload into a ModelFile that waits for inspection.
"""

from models_hub.uploads.arrival import arrived, attach
from models_hub.uploads.housekeeping import clear, drop_all

__all__ = ["arrived", "attach", "clear", "drop_all"]
