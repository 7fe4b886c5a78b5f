"""Signing in through others: a site that is set up for it is a process of its own (see outside_site.py)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.accounts import fake_github


def test_signing_in_through_another_site():
    pytest.importorskip("jwt", reason="pip install .[oauth]")
    with fake_github.running() as address:
        keys = {"OAUTH_GITHUB_ID": "me", "OAUTH_GITHUB_SECRET": "secret", "OAUTH_GITHUB_URL": address}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        case = Path(__file__).with_name("outside_site.py")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(case)]
        done = subprocess.run(command, env=kept | keys, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
