"""The prompt guard: refuses forbidden words, and names what the site adds to every prompt."""

import threading

from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from safety.matcher import Hit, Matcher
from safety.models import PromptGuard, Word
from visionary.common.exceptions import DomainError

# A negative prompt lists what a picture must not show: "nude, blood" there is the opposite of an offence.
# What nobody has a reason to write anywhere stays forbidden there too.
HARD_CATEGORIES = frozenset({Word.Category.MINORS})

_compiled: tuple[tuple, Matcher] | None = None
_lock = threading.Lock()


def check_prompt(text: str, *, field: str = "prompt") -> None:
    """Refuse `text` when it holds a forbidden word.

    Raises DomainError(code="forbidden_words") that names the field and the category. In `negative_prompt` only
    HARD_CATEGORIES count.
    """
    hits = [hit for hit in find_words(text) if field != "negative_prompt" or hit.category in HARD_CATEGORIES]
    if hits:
        raise DomainError(_refusal(hits[0], field), code="forbidden_words", field=field)


def check_text(text: str) -> None:
    """As check_prompt, of what is read by everybody."""
    check_prompt(text, field="text")


def find_words(text: str) -> list[Hit]:
    """Every active word of the list in `text`, whatever its category."""
    return matcher().hits(text) if text else []


def guard() -> tuple[str, str]:
    """(prefix, negative prefix) that the site puts before every prompt; recorded in each recipe."""
    row = PromptGuard.objects.filter(pk=1).values_list("prefix", "negative_prefix").first()
    return row or ("", "")


def matcher() -> Matcher:
    """The compiled word list of this moment, whichever process changed the words last."""
    global _compiled
    stamp = _stamp()
    if _compiled is None or _compiled[0] != stamp:
        with _lock:
            # The stamp was taken before the words: a change in between is met again at the next look.
            _compiled = (stamp, Matcher(Word.objects.active().order_by("pk").values_list("text", "category")))
    return _compiled[1]


def _stamp() -> tuple:
    """Changes with every edit of the list. One small aggregate is cheaper than being wrong after an edit."""
    facts = Word.objects.aggregate(
        rows=Count("pk"), active=Count("pk", filter=Q(is_active=True)), newest=Max("pk"), changed=Max("updated_at")
    )
    return tuple(facts.values())


def _refusal(hit: Hit, field: str) -> str:
    names = {
        "prompt": _("The prompt"),
        "negative_prompt": _("The negative prompt"),
        "title": _("The title"),
    }
    return _("%(field)s has words that this site does not allow (%(category)s). Change them and try again.") % {
        "field": names.get(field, _("The text")),
        "category": Word.Category(hit.category).label,
    }
