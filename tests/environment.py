"""The world the tests run in, made before Django reads its settings: own data folder, own Redis.

Loaded by `-p tests.environment` (pyproject.toml), because pytest-django reads the settings before any conftest.
With REDIS_URL and DATABASE_URL given, those servers are used; each xdist worker keeps to its own databases.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
folder = Path(tempfile.mkdtemp(prefix="visionary-tests-"))
atexit.register(shutil.rmtree, folder, ignore_errors=True)

os.environ.update(
    DATA_DIR=str(folder / "data"), SECRET_KEY="for-tests-only-" + "x" * 50, OMP_NUM_THREADS="1", HTTPS="0"
)
# Weights are big and never changed: every run shares the checkout's.
ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("WEIGHTS_DIR", str(ROOT / "var" / "weights"))

if os.environ.get("REDIS_URL"):
    os.environ["REDIS_DB_OFFSET"] = str(3 * int(worker.removeprefix("gw") or 0))
else:
    from visionary.common import redis_server

    server = redis_server.start(folder / "data" / "run", folder / "redis", durable=False, stdout=subprocess.DEVNULL)
    atexit.register(server.kill)
