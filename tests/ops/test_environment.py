"""What the operator reads about settings is what the program reads."""

import ast
import os
import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from visionary import dotenv, login_providers, secrets_file
from visionary.env import ROOT

READERS = {"text", "flag", "number", "names", "folder", "choice"}


def read_by_the_program():
    tree = ast.parse((ROOT / "visionary/settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    return login_providers.names() | {
        call.args[0].value
        for call in calls
        if call.func.attr in READERS and getattr(call.func.value, "id", "") == "env"
    }


def test_the_example_lists_every_setting_and_no_other():
    listed = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert listed == read_by_the_program() | {f"DJANGO_SUPERUSER_{part}" for part in ("USERNAME", "EMAIL", "PASSWORD")}


def test_the_example_can_be_used_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", {})
    text = re.sub(r"^#([A-Z_]+=)", r"\1", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)
    (tmp_path / ".env").write_text(text)

    dotenv.load(tmp_path / ".env")

    assert os.environ["PORT"] == "8000"


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", {"PORT": "9000"})
    (tmp_path / ".env").write_text("# mine\nPORT=1\nexport HOST='0.0.0.0'\n\nEMAIL_HOST_PASSWORD=a=b # c\n")

    dotenv.load(tmp_path / ".env")

    assert os.environ == {"PORT": "9000", "HOST": "0.0.0.0", "EMAIL_HOST_PASSWORD": "a=b # c"}


def test_a_line_that_is_no_setting_is_named(tmp_path):
    (tmp_path / ".env").write_text("PORT=1\nnonsense\n")

    with pytest.raises(SystemExit, match="line 2: expected NAME=value"):
        dotenv.load(tmp_path / ".env")


def test_a_data_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(ImproperlyConfigured, match=r"DATA_DIR: the folder .*/file/data cannot be used"):
        secrets_file.read_or_create(tmp_path / "file" / "data" / "secret_key")


def test_a_new_data_folder_is_the_owners_alone(tmp_path):
    secrets_file.read_or_create(tmp_path / "data" / "secret_key")

    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
