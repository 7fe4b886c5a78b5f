"""What the owner of a model is told of its way through inspection and moderation."""

import logging
import smtplib
from functools import partial

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

logger = logging.getLogger(__name__)
SENTENCES = {
    "ready": gettext_noop("“%(model)s” has been inspected and can be published."),
    "refused": gettext_noop("“%(model)s” cannot be published: %(reason)s"),
    "published": gettext_noop("“%(model)s” is published."),
    "rejected": gettext_noop("“%(model)s” was not published: %(reason)s"),
    "withdrawn": gettext_noop("“%(model)s” was withdrawn: %(reason)s"),
    "restored": gettext_noop("“%(model)s” is published again."),
    "question": gettext_noop("Inspection of “%(model)s” has a question for you."),
}


def tell(version, what, *, reason="", by=None):
    """Send the owner a line once the transaction is sure. Nobody is told of what they did themselves."""
    owner = version.card.owner
    if owner is None or not owner.email or (by is not None and by.pk == owner.pk):
        return
    # Nothing is kept of the language a person reads the site in, so the site's own is used.
    with translation.override(settings.LANGUAGE_CODE):
        text = _(SENTENCES[what]) % {"model": str(version), "reason": reason}
    transaction.on_commit(partial(_send, owner.email, text, version.card.get_absolute_url()))


def _send(address, text, page):
    subject = f"[{settings.SITE_NAME}] {text.splitlines()[0][:120]}"
    try:
        send_mail(subject, f"{text}\n\n{page}\n", None, [address])
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("a message to the owner of %s could not be sent: %s", page, error)
