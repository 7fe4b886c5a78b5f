"""Safetensors files with something wrong in them: seeded, of several kinds, as bytes."""

import json

NOTES = {"ss_output_name": "mutant", "ss_tag_frequency": json.dumps({"5_cat": {"cat": 5, "grass": 1}})}
TENSORS = (
    ("lora_unet_a_attn2_to_k.lora_down.weight", "F16", [4, 768]),
    ("lora_unet_a_attn2_to_k.lora_up.weight", "F16", [8, 4]),
    ("lora_unet_a_attn2_to_k.alpha", "F32", []),
    ("empty", "F32", [0, 3]),
    ("bytes", "U8", [5]),
)
SIZES = {"F16": 2, "F32": 4, "U8": 1}


def good():
    """(header as a dict, data) of a small, sound LoRA."""
    header, at = {"__metadata__": dict(NOTES)}, 0
    for name, dtype, shape in TENSORS:
        size = SIZES[dtype]
        for side in shape:
            size *= side
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    return header, bytes(range(256)) * (at // 256) + bytes(at % 256)


def packed(header, data, length=None):
    raw = header if isinstance(header, bytes) else json.dumps(header).encode("utf-8", "surrogatepass")
    return (len(raw) if length is None else length).to_bytes(8, "little") + raw + data


def bytes_changed(dice, header, data):
    raw = bytearray(packed(header, data))
    for _ in range(dice.choice([1, 1, 2, 5, 20])):
        at = dice.randrange(min(len(raw), 1200))
        raw[at] = dice.randrange(256) if dice.random() < 0.5 else raw[at] ^ 1 << dice.randrange(8)
    return bytes(raw)


def marks_changed(dice, header, data):
    raw = bytearray(packed(header, data))
    for _ in range(dice.choice([1, 1, 2, 4])):
        raw[8 + dice.randrange(900)] = dice.choice(b'0123456789[]{}",:-+eE.\\ \n\t')
    return bytes(raw)


def pieces_moved(dice, header, data):
    raw = packed(header, data)
    start, length, to = dice.randrange(len(raw)), dice.randrange(1, 60), dice.randrange(len(raw))
    piece = raw[start : start + length]
    rest = raw[:start] + raw[start + length :] if dice.random() < 0.5 else raw
    return rest[:to] + piece + rest[to:] if dice.random() < 0.7 else rest


def cut(dice, header, data):
    raw = packed(header, data)
    return raw[: dice.randrange(len(raw))] if dice.random() < 0.8 else raw + dice.randbytes(dice.randrange(1, 9))


def length_lies(dice, header, data):
    raw = len(json.dumps(header))
    lie = dice.choice(
        [0, 1, 2, raw - 1, raw + 1, raw + len(data), 2**31, 2**32, 2**63, 2**64 - 1, dice.randrange(10**6)]
    )
    return packed(header, data, lie)


def values_changed(dice, header, data):
    odd = [None, True, -1, 0, 1, 2**31, 2**63, 2**64, 2**70, 1.5, 1e300, "F16", "", [], {}, [[]], [0], [1, 2, 3]]
    name = dice.choice(list(header))
    if name == "__metadata__" and dice.random() < 0.5:
        header[name] = dice.choice(odd)
    else:
        header[name][dice.choice(["dtype", "shape", "data_offsets", "extra", "ss_steps"])] = dice.choice(odd)
    return packed(header, data)


def shapes_changed(dice, header, data):
    name = dice.choice([name for name in header if name != "__metadata__"])
    entry = header[name]
    kind = dice.randrange(4)
    if kind == 0:
        entry["shape"] = [dice.choice([0, 1, 2, 3, 2**32, 2**62]) for _ in range(dice.randrange(12))]
    elif kind == 1:
        entry["data_offsets"] = [place + dice.choice([-1, 1, 8]) for place in entry["data_offsets"]]
    elif kind == 2:
        entry["shape"] = [1] * dice.randrange(7) + entry["shape"]
    else:
        entry["dtype"] = dice.choice(["BF16", "I16", "F8_E4M3", "F64", "C64", "F4", "f16", "U16", "I32"])
    return packed(header, data)


def names_changed(dice, header, data):
    name, other = dice.sample([name for name in header if name != "__metadata__"], 2)
    text = json.dumps(header)
    new = dice.choice(
        [other, "__metadata__", "", "\\ud800", "\\u0000", "é", "x" * 600, name.upper(), "a\\nb", "\\ud83d\\ude00"]
    )
    return packed(text.replace(f'"{name}"', f'"{new}"').encode(), data)


def spaced(dice, header, data):
    text = json.dumps(header, indent=dice.choice([None, 1, "\t"]))
    before, after = dice.choice(["", "", " ", "\n", "\ufeff"]), dice.choice(["", " " * 9, "\n", "\0", "{}", "x", ","])
    return packed((before + text + after).encode(), data)


def nested(dice, header, data):
    depth = dice.choice([1, 2, 50, 3_000])
    inner = dice.choice(["[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth])
    where = dice.choice(["__metadata__", "shape", "new"])
    return packed((json.dumps(header)[:-1] + f', "{where}": {inner}}}').encode(), data)


def notes_changed(dice, header, data):
    odd = [
        "",
        "None",
        "-1",
        "9" * 400,
        "1e9",
        "(512, 512)",
        "{",
        "[" * 900,
        '{"a": {"b": 1}}',
        "\ud800",
        "\0",
        "é" * 500,
    ]
    for key in dice.sample(["ss_tag_frequency", "ss_resolution", "ss_steps", "ss_network_alpha", "modelspec.title"], 3):
        header["__metadata__"][key] = dice.choice(odd)
    return packed(header, data)


KINDS = (
    bytes_changed, marks_changed, pieces_moved, cut, length_lies, values_changed, shapes_changed, names_changed, spaced,
    nested, notes_changed,
)  # fmt: skip


def mutant(dice):
    """(name of the kind, bytes)"""
    kind = dice.choice(KINDS)
    return kind.__name__, kind(dice, *good())
