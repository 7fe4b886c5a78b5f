"""How the API reads requests: JSON of a sane size, answered in JSON."""

import json

from django.utils.translation import gettext as _
from rest_framework import exceptions, parsers, status
from rest_framework.negotiation import BaseContentNegotiation

# The longest prompt in the widest script is a tenth of this.
MAX_JSON_BYTES = 256 * 1024


class TooBig(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_big"

    def __init__(self):
        super().__init__(_("This request is too big. Send less at once."))


class JsonParser(parsers.JSONParser):
    """JSON of a sane size and depth."""

    def parse(self, stream, media_type=None, parser_context=None):
        data = stream.read(MAX_JSON_BYTES + 1)
        if len(data) > MAX_JSON_BYTES:
            raise TooBig
        try:
            return json.loads(data.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise exceptions.ParseError(_("The body is not JSON: %(why)s") % {"why": error}) from error


def _refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


class JsonOnly(BaseContentNegotiation):
    """The API answers in JSON whatever a client says it accepts, so that errors have one shape for all of them."""

    def select_parser(self, request, available):
        wanted = request.content_type or ""
        return next((one for one in available if wanted.split(";")[0].strip().lower() == one.media_type), None)

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type
