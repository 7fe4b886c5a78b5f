"""What a pickle would import, read from its opcodes. Nothing is ever unpickled.

Everything that is a pickle is refused: lists of dangerous names can be evaded, the format cannot be made safe. The
scan serves the sentence that the owner reads and the moderators' page, so it ends early rather than late.
"""

import io
import pickletools
import re
import warnings
from dataclasses import dataclass

MAX_BYTES = 32_000_000
MAX_OPCODES = 500_000
MAX_IMPORTS = 200
MAX_STACKED = 50  # pickles one after another, as old PyTorch files have them
_STRINGS = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE", "STRING", "BINSTRING", "SHORT_BINSTRING"}
_GETS = {"GET", "BINGET", "LONG_BINGET"}
_PUTS = {"PUT", "BINPUT", "LONG_BINPUT"}
_NAME = re.compile(r"[A-Za-z_][\w.]{0,199}\Z")
# What weights need. The rest is named first, because it is what does harm.
_USUAL = re.compile(
    r"(torch\.(\w+Storage|_utils\._rebuild_\w+|float\w*|bfloat16|int\w+|Size|_tensor\._rebuild_\w+|FloatTensor)"
    r"|collections\.OrderedDict|numpy\.(dtype|ndarray|float\w+|core\.multiarray\.(_reconstruct|scalar))"
    r"|_codecs\.encode)\Z"
)


@dataclass
class Scan:
    """`imports` are "module.name" in the order met; `finished` says whether a STOP was reached without an error."""

    imports: list[str]
    finished: bool = False

    @property
    def is_pickle(self):
        return self.finished or bool(self.imports)


def scan(raw):
    """The Scan of bytes that may be one or more pickles."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd escapes in texts that are no texts
        return _scan_all(raw)


def _scan_all(raw):
    found, stream = Scan([]), io.BytesIO(raw[:MAX_BYTES])
    for _ in range(MAX_STACKED):
        start = stream.tell()
        try:
            finished = _scan_one(stream, found.imports)
        except (ValueError, IndexError, KeyError, OverflowError, RecursionError, UnicodeError):
            break
        found.finished = found.finished or finished
        if not finished or stream.tell() in (start, len(raw)):
            break
    return found


def _scan_one(stream, imports):
    """Collect the imports of one pickle. True when it ended with STOP. Raises what pickletools does."""
    strings: list[object] = []
    memo: dict[object, object] = {}
    for count, (opcode, argument, _at) in enumerate(pickletools.genops(stream)):
        name = opcode.name
        if count >= MAX_OPCODES or len(imports) >= MAX_IMPORTS:
            return False
        if name in ("GLOBAL", "INST"):
            _note(imports, *str(argument).split(" ", 1))
        elif name == "STACK_GLOBAL":
            _note(imports, *([None, None, *strings][-2:]))
        elif name in ("EXT1", "EXT2", "EXT4"):
            imports.append(f"copyreg.extension {argument}")
        elif name in _STRINGS:
            strings.append(argument)
        elif name in _GETS:
            strings.append(memo.get(argument))
        elif name in _PUTS:
            memo[argument] = strings[-1] if strings else None
        elif name == "MEMOIZE":
            memo[len(memo)] = strings[-1] if strings else None
        del strings[:-8]
        if name == "STOP":
            return True
    return False


def _note(imports, module, name=None):
    text = f"{module or '?'}.{name or '?'}"[:200]
    if text not in imports:
        imports.append(text)


def plausible(imports):
    """Those imports that could be meant: in random bytes anything may stand where a name should."""
    return [name for name in imports if _NAME.match(name) or name.startswith("copyreg.")]


def listed(imports, most=12):
    """The imports in a line, those that weights have no need for first."""
    clean = ["".join(mark if mark.isprintable() else "?" for mark in name)[:80] for name in imports]
    ordered = sorted(clean, key=lambda name: bool(_USUAL.match(name)))
    more = f" … (+{len(ordered) - most})" if len(ordered) > most else ""
    return (", ".join(ordered[:most]) or "–") + more
