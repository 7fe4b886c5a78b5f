"""The Chinese catalogue: `python -m tools.messages` updates it, `--check` says what is missing and exits with 1.

Updating adds new strings (to be translated by hand), drops those no longer used, and compiles the .mo files
that Django reads. They are committed, so that the site runs without any translation tools.
"""

import re
import sys

import polib

from tools import catalogue
from tools.sources import ROOT

LANGUAGE = "zh_Hans"
DOMAINS = ("django", "djangojs")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
HEADER = {
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "MIME-Version": "1.0",
    "Language": LANGUAGE,
    "Plural-Forms": "nplurals=1; plural=0;",
}


def po_path(root, domain):
    return root / "locale" / LANGUAGE / "LC_MESSAGES" / f"{domain}.po"


def load(root, domain):
    path = po_path(root, domain)
    catalog = polib.pofile(str(path), wrapwidth=110) if path.exists() else polib.POFile(wrapwidth=110)
    catalog.metadata = catalog.metadata or dict(HEADER)
    return catalog


def key_of(entry):
    return entry.msgctxt, entry.msgid


def problems(root=ROOT):
    """One sentence for each string without a good translation, and for each stale compiled catalogue."""
    found = []
    for domain in DOMAINS:
        wanted, catalog = catalogue.collect(root, domain), load(root, domain)
        entries = {key_of(entry): entry for entry in catalog if not entry.obsolete}
        for key, message in sorted(wanted.items(), key=str):
            if fault := fault_of(entries.get(key), message):
                found.append(f"{sorted(message.places)[0]}: {fault}: {message.text!r}")
        if wanted and compiled(po_path(root, domain).with_suffix(".mo")) != translated(catalog):
            found.append(f"{domain}.mo is older than {domain}.po: run `make messages`")
    return found


def fault_of(entry, message):
    if entry is None:
        return "not in the catalogue (run `make messages`, then translate)"
    if entry.fuzzy:
        return "marked fuzzy"
    texts = list(entry.msgstr_plural.values()) if message.plural else [entry.msgstr]
    if not texts or not all(texts):
        return "not translated"
    allowed = set(PLACEHOLDER.findall(message.text + (message.plural or "")))
    if any(not set(PLACEHOLDER.findall(text)) <= allowed for text in texts):
        return "the translation has a placeholder that the text has not"
    return None


def translated(catalog):
    return {key_of(entry): (entry.msgstr, entry.msgstr_plural) for entry in catalog.translated_entries()}


def compiled(path):
    return translated(polib.mofile(str(path))) if path.exists() else {}


def update(root=ROOT):
    """Bring the catalogues of `root` up to date. Returns how many strings wait for a translation."""
    waiting = 0
    for domain in DOMAINS:
        wanted, catalog = catalogue.collect(root, domain), load(root, domain)
        if not wanted:
            continue
        known = {key_of(entry): entry for entry in catalog if not entry.obsolete}
        catalog[:] = [entry_for(wanted[key], known.get(key)) for key in sorted(wanted, key=lambda k: order(wanted[k]))]
        path = po_path(root, domain)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalog.save(str(path))
        catalog.save_as_mofile(str(path.with_suffix(".mo")))
        waiting += len(catalog.untranslated_entries()) + len(catalog.fuzzy_entries())
    return waiting


def order(message):
    return sorted(message.places)[0], message.text, message.context or ""


def entry_for(message, entry):
    entry = entry or polib.POEntry(msgid=message.text, msgctxt=message.context)
    # Files without line numbers: a line moved is not a change of the catalogue.
    entry.occurrences = [(place, "") for place in sorted(message.places)]
    entry.msgid_plural = message.plural or ""
    if message.plural and not entry.msgstr_plural:
        entry.msgstr_plural, entry.msgstr = {0: entry.msgstr}, ""
    if re.search(r"%\(\w+\)[sd]|%[sd]", message.text) and "python-format" not in entry.flags:
        entry.flags.append("python-format")
    return entry


def main():
    if "--check" in sys.argv:
        found = problems()
        sys.exit("\n".join(found) if found else 0)
    sys.stdout.write(f"{update()} strings wait for a translation.\n")


if __name__ == "__main__":
    main()
