"""`make lint`: every check with its verdict, and what it found. Exit code 1 if any of them fails.

`python -m tools.lint NAME ...` runs only those.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.sources import ROOT

SHOWN = 40
PYTHON = sys.executable
BIN = Path(sys.executable).parent
TYPED = ["visionary/common", "generation/engine"]
# A site on the open network, as far as settings go.
PRODUCTION = {
    "HTTPS": "1",
    "DEBUG": "0",
    "SECRET_KEY": "lint-" + "0123456789abcdefghij" * 3,
    "ALLOWED_HOSTS": "example.org",
}
# H: taste of others (inline SVG sizes, meta descriptions on every page); T: what Django itself does not ask for.
TEMPLATE_RULES_OFF = "H006,H015,H021,H023,H030,H031,H043,T001,T003,T027"


def checks(root):
    """Name -> command. Each exits with 0 when it has nothing to say."""
    services = sorted(path.relative_to(root).as_posix() for path in root.glob("*/services.py"))
    manage = [PYTHON, "manage.py"]
    return {
        "code": [BIN / "ruff", "check", "--quiet", "--output-format", "concise", "."],
        "format": [BIN / "ruff", "format", "--check", "--quiet", "--output-format", "concise", "."],
        "sizes": [PYTHON, "-m", "tools.sizes"],
        "imports": [BIN / "lint-imports"],
        "types": [BIN / "mypy", "--no-error-summary", *TYPED, *services],
        "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
        "deploy": [*manage, "check", "--deploy", "--fail-level", "WARNING"],
        "messages": [PYTHON, "-m", "tools.messages", "--check"],
        "templates": [
            BIN / "djlint",
            "templates",
            "--lint",
            "--quiet",
            "--profile",
            "django",
            "--ignore",
            TEMPLATE_RULES_OFF,
        ],
    }


def run(command, root):
    """Run one check at `root`; return (passed, what it printed)."""
    with tempfile.TemporaryDirectory(prefix="visionary-lint-") as data:
        environment = {**os.environ, **PRODUCTION, "DATA_DIR": data, "DATABASE_URL": "", "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(  # noqa: S603 - the commands above
            command, cwd=root, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    return done.returncode == 0, done.stdout.strip()


def indented(lines):
    """The last lines of a check's output (the point of a traceback); a thousand of them help no one."""
    left_out = [f"({len(lines) - SHOWN} lines left out)"] if len(lines) > SHOWN else []
    return "".join(f"       {line}\n" for line in left_out + lines[-SHOWN:])


def main(names, root=ROOT, out=sys.stdout):
    failed = []
    known = checks(root)
    if unknown := set(names) - set(known):
        sys.exit(f"No such check: {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    for name in names or known:
        begun = time.monotonic()
        passed, output = run(known[name], root)
        out.write(f"{'ok    ' if passed else 'FAILED'} {name:<12} {time.monotonic() - begun:5.1f} s\n")
        if not passed:
            failed.append(name)
            out.write(indented(output.splitlines()))
        out.flush()
    out.write(f"lint: {', '.join(failed)} failed\n" if failed else "lint: all is well\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
