"""The child that looks at one file: everything is imported, then the doors are shut, then the file is read.

Called by `sandbox.examine` with the file as standard input; answers in JSON.
"""

import codecs
import json
import os
import resource
import sys

from .errors import BadFile
from .report import inspect_stream

MAX_MEMORY = 768 * 1024 * 1024  # bytes of address space; about 200 MB of it are ever used
MAX_SECONDS = 20  # of processor time
# Python imports these when they are first used, which is too late once the doors are shut.
CODECS = ("ascii", "latin-1", "raw-unicode-escape", "unicode-escape", "utf-8")


def shut_doors():
    """From here on: no new file or socket (no descriptors left), no writing, no child processes, no core dump."""
    limits = {
        resource.RLIMIT_AS: MAX_MEMORY,
        resource.RLIMIT_CPU: MAX_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 3,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    for name, limit in limits.items():
        resource.setrlimit(name, (limit, limit))


def main(file, role):
    stream = os.fdopen(os.dup(0), "rb", closefd=True)
    os.close(0)
    stream = os.fdopen(os.dup(stream.fileno()), "rb")  # takes the free place: 0
    os.closerange(3, 64)
    for codec in CODECS:
        codecs.lookup(codec)
    shut_doors()
    try:
        answer = {"report": inspect_stream(stream, file, role).as_dict()}
    except BadFile as error:
        answer = {"bad": error.code, "params": error.params}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:3])
