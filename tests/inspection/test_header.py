"""The strict header reader: what is refused, and why."""

import json
import random

import pytest

from models_hub.inspection import BadFile
from models_hub.inspection.safetensors import MAX_HEADER, MAX_TENSORS, read_header

GOOD = {
    "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
    "b": {"dtype": "U8", "shape": [], "data_offsets": [24, 25]},
}
DATA = bytes(25)


def tensor(**changes):
    return {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | changes}


def test_a_good_file_is_read(write):
    header = read_header(write({"__metadata__": {"format": "pt"}} | GOOD, DATA))

    assert header.metadata == {"format": "pt"}
    assert header.tensors["a"].shape == (2, 3)
    assert header.elements == 7


@pytest.mark.parametrize(
    ("header", "data", "code"),
    [
        (tensor(shape=[3]), bytes(8), "bad_tensor"),
        (tensor(shape=[-2]), bytes(8), "header_not_json"),
        (tensor(shape=[2.0]), bytes(8), "header_not_json"),
        (tensor(shape=[True, 2]), bytes(8), "bad_tensor"),
        (tensor(shape=[2**14] * 9), bytes(8), "bad_tensor"),
        (tensor(shape=[2**40, 2**40]), bytes(8), "bad_tensor"),
        (tensor(shape="2"), bytes(8), "bad_tensor"),
        (tensor(dtype="F99"), bytes(8), "bad_tensor"),
        (tensor(dtype=["F32"]), bytes(8), "bad_tensor"),
        (tensor(data_offsets=[8, 0]), bytes(8), "bad_tensor"),
        (tensor(data_offsets=[0, 8, 8]), bytes(8), "bad_tensor"),
        (tensor(data_offsets=None), bytes(8), "bad_tensor"),
        (tensor(extra=1), bytes(8), "bad_tensor"),
        ({"a": 1}, b"", "bad_tensor"),
        ({"a" * 501: GOOD["a"]}, bytes(24), "bad_tensor"),
        (tensor(data_offsets=[4, 12]), bytes(12), "bad_layout"),
        (tensor(), bytes(9), "bad_layout"),
        (tensor(), bytes(7), "bad_layout"),
        (tensor() | {"b": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}, bytes(12), "bad_layout"),
        ({"__metadata__": {"a": 1}}, b"", "bad_metadata"),
        ({"__metadata__": "text"}, b"", "bad_metadata"),
        ({"__metadata__": {"a": "x" * 2_000_001}}, b"", "bad_metadata"),
        ('{"a": NaN}', b"", "header_not_json"),
        ('{"a": ' + "9" * 5_000 + "}", b"", "header_not_json"),
        ('{"a": ' + "[" * 5_000 + "]" * 5_000 + "}", b"", "header_not_json"),
        ('{"a": 1', b"", "header_not_json"),
        (b'{"\xff": 1}', b"", "header_not_json"),
        ('{"a": {"dtype": "U8", "dtype": "U8"}}', b"", "duplicate_name"),
        ('{"a": 1, "a": 1}', b"", "duplicate_name"),
        ("[1, 2]", b"", "not_safetensors"),
        ("\n{}", b"", "not_safetensors"),
        ("{", b"", "header_not_json"),
    ],
)  # fmt: skip
def test_a_bad_header_is_refused(write, header, data, code):
    with pytest.raises(BadFile) as refused:
        read_header(write(header, data))

    assert refused.value.code == code
    assert "file.safetensors" in str(refused.value)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "empty"),
        (b"1234567", "empty"),
        (b"\x80\x04\x95 pickle bytes", "not_safetensors"),
        (b"PK\x03\x04 zip file", "not_safetensors"),
    ],
)  # fmt: skip
def test_other_formats_are_refused(tmp_path, raw, code):
    path = tmp_path / "x.safetensors"
    path.write_bytes(raw)

    with pytest.raises(BadFile) as refused:
        read_header(path)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("length", "code"), [(100, "header_truncated"), (2**63, "header_too_large"), (MAX_HEADER + 1, "header_too_large")]
)
def test_a_length_that_lies_is_refused(write, length, code):
    with pytest.raises(BadFile) as refused:
        read_header(write("{}", length=length))

    assert refused.value.code == code


@pytest.mark.parametrize(
    "header",
    [
        {str(n): {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]} for n in range(MAX_TENSORS + 2)},
        '{"a":[' + "1," * 10_000_000 + "1]}",
        "{" + ",".join(f'"{n}":1' for n in range(600_000)) + "}",
    ],
    ids=["many tensors", "long list", "many keys"],
)
def test_a_header_bomb_is_refused_before_it_is_parsed(write, header):
    with pytest.raises(BadFile) as refused:
        read_header(write(header))

    assert refused.value.code == "too_many_tensors"


def test_long_notes_of_a_trainer_are_no_bomb(write):
    notes = json.dumps({f"tag {n}": {"count": n} for n in range(30_000)})

    assert read_header(write({"__metadata__": {"ss_tag_frequency": notes}} | GOOD, DATA)).metadata


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(BadFile, match="does not exist"):
            read_header(path)


def test_whatever_is_accepted_the_reference_reader_accepts_too(tmp_path):
    safetensors = pytest.importorskip("safetensors")
    dice, accepted = random.Random(1), 0
    good = json.dumps({"__metadata__": {"k": "v"}} | GOOD).encode()
    path = tmp_path / "mutant.safetensors"

    for _ in range(1_500):
        path.write_bytes(mutate(dice, len(good).to_bytes(8, "little") + good + DATA, dice.choice([1, 1, 2, 5])))
        try:
            read_header(path)
        except BadFile:
            continue
        accepted += 1
        with safetensors.safe_open(path, "numpy") as file:
            assert all(file.get_tensor(name) is not None for name in file.keys())  # noqa: SIM118

    assert accepted > 20


def mutate(dice, raw, times):
    """Bytes flipped, dropped, doubled, or digits changed: most break the file, some do not."""
    raw = bytearray(raw)
    for _ in range(times):
        at = dice.randrange(len(raw))
        kind = dice.randrange(4)
        if kind == 0:
            raw[at] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del raw[at]
        elif kind == 2:
            raw.insert(at, raw[at])
        else:
            raw[at] = dice.choice(b'0123456789[]{}",: ')
    return bytes(raw)
