"""The catalogue tool, on a small tree of its own."""

import polib
import pytest

from tools import catalogue, messages

TEMPLATE = """{% load i18n %}{% translate "Save" %} {{ name|default:_("nobody") }} it's gettext("not this")
{% blocktranslate trimmed count n=n %}
  {{ n }} picture
{% plural %}
  {{ n }} pictures
{% endblocktranslate %}{% translate "Open" context "verb" %}"""


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "page.html").write_text(TEMPLATE)
    (tmp_path / "code.py").write_text('from x import gettext_lazy as _\nlabel = _("Hello %(name)s")\nother("no")\n')
    (tmp_path / "script.js").write_text("const label = gettext('Copied'); other('no');")
    return tmp_path


def translate(tree, **texts):
    """Fill in the catalogue of `tree` and compile it."""
    path = messages.po_path(tree, "django")
    catalog = polib.pofile(str(path))
    for entry in catalog:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: "%(n)s 张图片"}
        else:
            entry.msgstr = texts.get(entry.msgid.split()[0], "译文")
    catalog.save()
    messages.update(tree)


def test_strings_are_found_in_templates_code_and_scripts(tree):
    found = set(catalogue.collect(tree, "django"))

    assert found == {
        (None, "Save"),
        (None, "nobody"),
        (None, "%(n)s picture"),
        ("verb", "Open"),
        (None, "Hello %(name)s"),
    }
    assert set(catalogue.collect(tree, "djangojs")) == {(None, "Copied")}


def test_updating_adds_new_strings_keeps_translations_and_drops_what_is_unused(tree):
    assert messages.update(tree) == 6
    translate(tree, Save="保存")
    (tree / "code.py").unlink()
    (tree / "more.html").write_text('{% load i18n %}{% translate "New" %}')

    assert messages.update(tree) == 2

    catalog = polib.pofile(str(messages.po_path(tree, "django")))
    assert catalog.find("Save").msgstr == "保存"
    assert catalog.find("New").msgstr == ""
    assert catalog.find("Hello %(name)s") is None


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        ({"Hello": ""}, "not translated"),
        ({"Hello": "你好 %(nam)s"}, "a placeholder that the text has not"),
    ],
)
def test_a_bad_translation_is_a_problem(tree, texts, fault):
    messages.update(tree)
    translate(tree, **texts)

    assert [problem for problem in messages.problems(tree) if "Hello" in problem and fault in problem]


def test_a_fuzzy_translation_is_a_problem(tree):
    messages.update(tree)
    translate(tree)
    path = messages.po_path(tree, "django")
    catalog = polib.pofile(str(path))
    catalog.find("Save").flags.append("fuzzy")
    catalog.save()

    assert any("marked fuzzy: 'Save'" in problem for problem in messages.problems(tree))


def test_a_catalogue_that_was_not_compiled_again_is_a_problem(tree):
    messages.update(tree)
    translate(tree)
    assert not [problem for problem in messages.problems(tree) if "django.mo" in problem]
    path = messages.po_path(tree, "django")

    path.write_text(path.read_text().replace('msgstr "译文"', 'msgstr "另外"', 1))

    assert "django.mo is older than django.po: run `make messages`" in messages.problems(tree)


def test_the_compiled_catalogue_is_what_django_reads(tree):
    messages.update(tree)
    translate(tree, Save="保存")

    compiled = polib.mofile(str(messages.po_path(tree, "django").with_suffix(".mo")))

    assert compiled.find("Save").msgstr == "保存"
    assert compiled.find("%(n)s picture").msgstr_plural == {0: "%(n)s 张图片"}
