"""Ten thousand broken headers: no crash, bounded memory, and nothing accepted that the reference reader refuses."""

import random
import resource
import subprocess
import sys
from collections import Counter
from io import BytesIO

import pytest

from models_hub.inspection import BadFile, sandbox
from models_hub.inspection.report import inspect_stream
from models_hub.inspection.safetensors import MAX_HEADER, header_of
from tests.inspection import mutants

MUTANTS, SEED = 10_000, 20_261_122
MEGABYTE = 1024  # what ru_maxrss counts in, on Linux: kilobytes


def test_no_mutant_crashes_and_whatever_is_accepted_the_reference_reader_loads(tmp_path):
    # torch is loaded before the memory is measured.
    safetensors, _torch = pytest.importorskip("safetensors"), pytest.importorskip("torch")
    dice, accepted, refused = random.Random(SEED), Counter(), Counter()
    path, before = tmp_path / "mutant.safetensors", peak()

    for _ in range(MUTANTS):
        kind, raw = mutants.mutant(dice)
        try:
            header_of(BytesIO(raw), "mutant", len(raw))
        except BadFile as error:
            refused[error.code] += 1
            continue
        accepted[kind] += 1
        path.write_bytes(raw)
        with safetensors.safe_open(path, "pt") as file:
            assert all(file.get_tensor(name) is not None for name in file.keys())  # noqa: SIM118

    assert sum(accepted.values()) + sum(refused.values()) == MUTANTS
    assert len(accepted) >= 6
    assert len(refused) >= 8
    assert peak() - before < 200 * MEGABYTE


def peak():
    """The most memory this process has had, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_no_mutant_breaks_what_is_told_of_it():
    dice, told = random.Random(SEED + 1), Counter()

    for _ in range(MUTANTS // 4):
        _kind, raw = mutants.mutant(dice)
        try:
            told[inspect_stream(BytesIO(raw), "mutant").as_dict()["kind"]] += 1
        except BadFile as error:
            told[error.code] += 1

    assert told["lora"] > 100
    assert sum(told.values()) == MUTANTS // 4


def test_a_header_of_88_megabytes_is_refused_after_nine_bytes(tmp_path):
    entry = b'"%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},'
    raw = b"{" + b"".join(entry % number for number in range(1_500_000))[:-1] + b"}"
    path = tmp_path / "bomb.safetensors"
    path.write_bytes(len(raw).to_bytes(8, "little") + raw)

    class Counted(BytesIO):
        taken = 0

        def read(self, size=-1):
            found = super().read(size)
            self.taken += len(found)
            return found

    stream = Counted(path.read_bytes())
    with pytest.raises(BadFile) as refused:
        header_of(stream, "bomb", path.stat().st_size)

    assert refused.value.code == "header_too_large"
    assert (stream.taken, len(raw) > 70_000_000) == (9, True)
    with pytest.raises(BadFile, match="claims a header"):
        sandbox.examine(path, "bomb")


@pytest.mark.parametrize(
    "header",
    [
        b'{"__metadata__":{"a":"' + b"x" * (MAX_HEADER - 60) + b'"}}',
        b'{"__metadata__":{"a":"' + b"\\u00e9" * (MAX_HEADER // 6 - 20) + b'"}}',
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"{" + b",".join(b'"%d":0' % n for n in range(30_000)) + b"}",
        b"{" + b" " * (MAX_HEADER - 3) + b"}",
    ],
    ids=["long note", "escaped note", "deep", "many", "blank"],
)
def test_the_largest_header_that_is_read_costs_less_than_200_megabytes(tmp_path, header):
    path = tmp_path / "large.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    code = "import sys; from models_hub.inspection import inspect, BadFile\n"
    code += "try: inspect(sys.argv[1])\nexcept BadFile as e: print(e.code, end=' ')\n"
    code += "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"

    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)

    assert int(done.stdout.split()[-1]) < 200 * MEGABYTE
    assert done.stdout.split()[0] in (
        "bad_metadata",
        "header_not_json",
        "too_many_tensors",
        "bad_tensor",
        "not_a_model",
    )
