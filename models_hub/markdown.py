"""What people write in Markdown, as HTML that can do no harm.

Raw HTML in the text is shown as text (html: False); what the renderer makes is cleaned once more, so that neither
library has to be perfect. Pictures of other sites are left out: they would tell those who reads this page.
"""

import functools
from html import escape, unescape

import nh3
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt

TAGS = {"p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"}
TAGS |= {"h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
# A page has an h1, its sections have h2: what people write comes below.
LOWER = 2
# Characters of HTML. A table of empty cells is far longer than what was typed; then the text is shown as typed.
MOST = 200_000


@functools.cache
def renderer():
    made = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    # References repeat one long address as often as they are named.
    made.disable(["image", "reference"])
    made.core.ruler.push("lower_headings", lower_headings)
    return made


def lower_headings(state):
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + LOWER, 6)}"


def plain(text, most=600):
    """The beginning of `text` without its marks, for a line or two on a card; not yet escaped."""
    made = renderer().render((text or "")[:most])
    return " ".join(unescape(nh3.clean(made, tags=set())).split())


def html(text):
    """Safe HTML of `text`; links open without telling where they were followed from."""
    made = renderer().render(text or "")
    if len(made) > MOST:
        made = f"<p>{escape(text)}</p>"
    clean = nh3.clean(made, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="nofollow noopener ugc")
    return mark_safe(clean)  # noqa: S308 - cleaned above
