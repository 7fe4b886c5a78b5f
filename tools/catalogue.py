"""Every translatable string of the site, found as Django's makemessages finds it, but without gettext's programs."""

import ast
import re
from dataclasses import dataclass, field

from babel.messages.extract import extract
from django.utils.translation.template import templatize

from tools.sources import ours

# (1, 2): singular and plural; (1, "c"): argument 1 is the context.
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
STRING = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
# What templatize leaves of a template: calls with literals, and filler.
CALL = re.compile(rf"\b(n?p?gettext|_)\(((?:\s*{STRING}\s*,?)+)(?:\s*count)?\s*\)")


@dataclass
class Message:
    """One string to translate; `places` are the files that use it."""

    context: str | None
    text: str
    plural: str | None = None
    places: set = field(default_factory=set)

    @property
    def key(self):
        return self.context, self.text


def collect(root, domain):
    """The messages of `domain` (django: Python and templates; djangojs: our scripts) by (context, text)."""
    found = {}
    suffixes = (".js",) if domain == "djangojs" else (".py", ".html", ".txt")
    for path in ours(root, *suffixes):
        name = path.relative_to(root).as_posix()
        if name.startswith(("tests/", "tools/", "benchmarks/", "docs/")):
            continue
        for message in messages_of(path):
            known = found.setdefault(message.key, message)
            known.plural = known.plural or message.plural
            known.places.add(name)
    return found


def messages_of(path):
    if path.suffix in {".html", ".txt"}:
        return list(from_template(path.read_text(encoding="utf-8")))
    method = "javascript" if path.suffix == ".js" else "python"
    with path.open("rb") as file:
        return [as_message(texts, context) for _, texts, _, context in extract(method, file, KEYWORDS)]


def as_message(texts, context):
    singular, plural = texts if isinstance(texts, tuple) else (texts, None)
    return Message(context, singular, plural)


def from_template(source):
    for call in CALL.finditer(templatize(source)):
        texts = [ast.literal_eval(text) for text in re.findall(STRING, call[2])]
        context = texts.pop(0) if call[1].lstrip("n").startswith("p") else None
        yield Message(context, texts[0], texts[1] if len(texts) > 1 else None)
