"""Every check of `make lint` finds the fault it is there for."""

import io
import shutil

import pytest

from tools import lint
from visionary.env import ROOT

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "var", "build", "node_modules", "*.safetensors", "__pycache__", ".ruff_cache"
)
LONG = "    x = 1\n"
MODEL = '\n\nclass Planted(models.Model):\n    """Planted."""\n'

FAULTS = [
    ("code", "visionary/planted.py", "import os\n", "F401"),
    ("format", "visionary/planted.py", "x = {  'a':1 }\n", "planted.py"),
    ("sizes", "visionary/planted.py", "x = 1\n" * 401, "visionary/planted.py: 401 lines, at most 400"),
    ("sizes", "visionary/planted.py", "def long():\n" + LONG * 60, "long: 61 lines, at most 60"),
    ("sizes", "gallery/views.py", "\n\ndef long(request):\n" + LONG * 40, "long: 41 lines, at most 40"),
    ("sizes", "tests/planted.py", "def test_long():\n" + LONG * 40, "test_long: 41 lines, at most 40"),
    ("sizes", "templates/planted.html", "<p></p>\n" * 141, "templates/planted.html: 141 lines, at most 140"),
    ("imports", "accounts/planted.py", "import gallery.models\n", "accounts.planted -> gallery.models"),
    ("imports", "generation/engine/planted.py", "import django.conf\n", "generation.engine.planted -> django"),
    ("types", "visionary/common/planted.py", 'def count() -> int:\n    return "one"\n', "planted.py:2"),
    ("migrations", "social/models/like.py", MODEL, "Create model Planted"),
    ("deploy", "visionary/settings.py", "DEBUG = True\n", "security.W018"),
    ("messages", "templates/planted.html", '{% load i18n %}{% translate "Planted words" %}\n', "Planted words"),
    (
        "messages",
        "social/planted.py",
        'from django.utils.translation import gettext\n\ngettext("Planted words")\n',
        "Planted",
    ),
    ("messages", "static/js/planted.js", 'alert(gettext("Planted words"));\n', "Planted words"),
    ("templates", "templates/planted.html", "<div><span></div>\n", "templates/planted.html"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    root = tmp_path_factory.mktemp("lint") / "checkout"
    shutil.copytree(ROOT, root, ignore=LEFT_OUT)
    return root


@pytest.fixture
def plant(copy):
    """Appends text to a file of the copy, and takes it back."""
    before = {}

    def _plant(name, text):
        path = copy / name
        before[path] = path.read_text() if path.exists() else None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((before[path] or "") + text)

    yield _plant
    for path, text in before.items():
        path.unlink() if text is None else path.write_text(text)


@pytest.mark.parametrize(("check", "name", "text", "words"), FAULTS)
def test_a_planted_fault_is_found(copy, plant, check, name, text, words):
    plant(name, text)

    passed, output = lint.run(lint.checks(copy)[check], copy)

    assert not passed
    assert words in output


def test_every_check_has_a_fault_that_shows_it_works():
    assert {fault[0] for fault in FAULTS} == set(lint.checks(ROOT))


def test_a_failing_check_is_named_and_makes_the_exit_code_1(copy, plant):
    plant("visionary/planted.py", "import os\n")
    out = io.StringIO()

    assert lint.main(["code"], copy, out) == 1

    assert out.getvalue().startswith("FAILED code")
    assert out.getvalue().endswith("lint: code failed\n")


def test_a_passing_check_makes_the_exit_code_0(tmp_path):
    out = io.StringIO()

    assert lint.main(["format"], tmp_path, out) == 0

    assert out.getvalue().endswith("lint: all is well\n")
