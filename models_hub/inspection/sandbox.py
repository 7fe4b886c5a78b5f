"""Looks at an untrusted file from a process of its own that can do nothing but read it and answer.

Fails closed: a child that crashes, is killed, answers nonsense or takes too long means that the file is refused.
"""

import json
import logging
import subprocess
import sys
from pathlib import Path

from .errors import SENTENCES, BadFile

logger = logging.getLogger(__name__)
SECONDS = 60  # of wall time; a loaded machine may take long over little work
MAX_ANSWER = 1_000_000  # characters
# -I: neither the environment nor the current folder decide what is imported.
_START = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    "runpy.run_module('models_hub.inspection', run_name='__main__')"
)
_ROOT = Path(__file__).resolve().parents[2]


def examine(path, file, role="model", seconds=SECONDS):
    """Report.as_dict() of the file at `path`, called `file` in sentences. Raises BadFile."""
    command = [sys.executable, "-I", "-c", _START, str(_ROOT), file, role]
    try:
        with Path(path).open("rb") as stream:
            done = subprocess.run(  # noqa: S603 - our own command; the file's name is an argument, never a program
                command,
                stdin=stream,
                capture_output=True,
                timeout=seconds,
                cwd="/",
                env={},
                close_fds=True,
                check=False,
            )
    except (FileNotFoundError, IsADirectoryError):
        raise BadFile("missing", file=file) from None
    except subprocess.TimeoutExpired:
        raise BadFile("too_slow", file=file) from None
    except OSError:
        raise BadFile("crashed", file=file) from None
    return _answer(done, file)


def _answer(done, file):
    try:
        answer = json.loads(done.stdout[:MAX_ANSWER]) if done.returncode == 0 else {}
    except ValueError:
        answer = {}
    if isinstance(answer.get("report"), dict):
        return answer["report"]
    if answer.get("bad") in SENTENCES and isinstance(answer.get("params"), dict):
        raise BadFile(answer["bad"], **answer["params"])
    logger.warning("inspection ended with %s: %s", done.returncode, done.stderr[-2000:].decode(errors="replace"))
    raise BadFile("crashed", file=file)
