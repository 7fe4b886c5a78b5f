"""No file that can carry a program comes in, under any name, and none is run by being looked at."""

import pickle
import subprocess
import sys

import pytest

from models_hub.inspection import BadFile, inspect, sandbox
from models_hub.inspection.report import inspect_stream
from tests.inspection import hostile

NAMES = ("model.safetensors", "model.ckpt", "model.pt", "model.bin")
REFUSALS = {"pickle", "hidden_format", "other_format", "bad_zip", "not_safetensors"}


@pytest.fixture
def canary(tmp_path):
    return tmp_path / "canary"


def test_the_corpus_is_large_and_really_hostile(tmp_path, canary):
    corpus = hostile.corpus(canary)
    path = tmp_path / "one.pkl"

    assert len(corpus) >= 100
    for name in ("posix.system", "builtins.exec", "getattr chain", "framed", "stacked", "safetensors and pickle"):
        canary.unlink(missing_ok=True)
        path.write_bytes(corpus[name])
        code = "import pickle, sys\nwith open(sys.argv[1], 'rb') as f:\n    for _ in range(3): pickle.load(f)"
        subprocess.run([sys.executable, "-c", code, path], check=False, capture_output=True)
        assert canary.exists(), name


def test_none_is_accepted_under_any_name_and_none_runs(tmp_path, canary):
    for name, raw in hostile.corpus(canary).items():
        for file in NAMES:
            path = tmp_path / file
            path.write_bytes(raw)
            with pytest.raises(BadFile) as refused:
                inspect(path)
            assert refused.value.code in REFUSALS, name
            for role in ("model", "vae", "config", "training", "other"):
                with path.open("rb") as stream, pytest.raises(BadFile):
                    inspect_stream(stream, file, role)

    assert not canary.exists()


def test_the_sandbox_refuses_them_too(tmp_path, canary):
    path = tmp_path / "model.safetensors"
    for raw in list(hostile.corpus(canary).values())[::9]:
        path.write_bytes(raw)
        with pytest.raises(BadFile) as refused:
            sandbox.examine(path, path.name)
        assert refused.value.code in REFUSALS

    assert not canary.exists()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("posix.system", "posix.system"), ("runpy.run_path", "runpy.run_path"), ("framed", "os.system"),
        ("memoised name", "os.system"), ("inst", "os.system"), ("stacked", "os.system"),
        ("npz of objects", "os.system"),
        ("thrice nested zip", "os.system"), ("zip with a wrong checksum", "os.system"), ("no stop", "os.system"),
        ("getattr chain", "builtins.getattr"), ("extension registry", "copyreg.extension 1"),
        ("zip without its table", "os.system"), ("zip said to be encrypted", "os.system"),
    ],
)  # fmt: skip
def test_the_owner_reads_what_a_pickle_would_import(tmp_path, canary, name, found):
    path = tmp_path / "model.ckpt"
    path.write_bytes(hostile.corpus(canary)[name])

    with pytest.raises(BadFile) as refused:
        inspect(path)

    assert refused.value.code == "pickle"
    assert found in str(refused.value)
    assert "Convert it" in str(refused.value)


def test_an_honest_pickle_is_refused_as_well(tmp_path):
    path = tmp_path / "model.pt"
    for protocol in range(6):
        path.write_bytes(pickle.dumps({"epoch": 1, "weights": [1.5] * 9}, protocol))
        with pytest.raises(BadFile) as refused:
            inspect(path)
        assert refused.value.code == "pickle"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"GGUF\3\0\0\0" + bytes(64), "a GGUF file"),
        (b"<!DOCTYPE html><html>not found</html>", "a web page"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "a picture"),
        (b"\xff\xd8\xff\xe0" + bytes(64), "a picture"),
        (b"\x7fELF\2\1\1" + bytes(64), "a program"),
        (b"Rar!\x1a\7" + bytes(64), "a packed archive"),
        (b"\x89HDF\r\n\x1a\n" + bytes(64), "an HDF5 file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\n", "a text file"),
        (bytes(range(256)), "of no known format"),
    ],
)
def test_the_owner_is_told_what_a_file_really_is(tmp_path, raw, words):
    path = tmp_path / "model.safetensors"
    path.write_bytes(raw)

    with pytest.raises(BadFile, match=words):
        inspect(path)
