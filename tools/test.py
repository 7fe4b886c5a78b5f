"""`make test`: everything in two runs of pytest; first what can run side by side, then what starts whole sites.

Arguments are passed on to pytest. REQUIRE_BROWSER=1 makes a missing Chromium a failure instead of a skipped part.
"""

import os
import shutil
import subprocess
import sys

from tools.sources import ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NOTHING_COLLECTED = 5  # pytest's exit code


def say(text):
    sys.stdout.write(f"test: {text}\n")
    sys.stdout.flush()


def pytest(*arguments):
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.run(command, cwd=ROOT).returncode  # noqa: S603 - our own interpreter


def fetch_weights():
    """The tests draw with the real weights, those of the checkout's own data folder."""
    environment = {**os.environ, "DATABASE_URL": "", "WEIGHTS_DIR": weights_dir()}
    return subprocess.run([sys.executable, "manage.py", "fetch_models", "--all"], cwd=ROOT, env=environment).returncode


def weights_dir():
    return os.environ.get("WEIGHTS_DIR") or str(ROOT / "var" / "weights")


def serial_marks():
    """Which of the serial tests can run here, as an expression for pytest -m; None when a needed browser is missing."""
    if any(map(shutil.which, BROWSERS)):
        return "services or e2e"
    if os.environ.get("REQUIRE_BROWSER") == "1":
        return None
    say("no Chromium on this machine: the browser tests are SKIPPED (install the package chromium to run them).")
    return "services and not e2e"


def main(arguments):
    marks = serial_marks()
    if marks is None:
        say("REQUIRE_BROWSER=1, but none of these programs was found: " + ", ".join(BROWSERS))
        return 1
    if fetch_weights():
        say("the weights could not be fetched, see the line above.")
        return 1
    codes = [
        pytest("-n", "2", "-m", "not services and not e2e", *arguments),
        pytest("-m", marks, *arguments),
    ]
    if all(code == NOTHING_COLLECTED for code in codes):
        say("no test was found.")
        return NOTHING_COLLECTED
    return next((code for code in codes if code not in (0, NOTHING_COLLECTED)), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
