"""The OpenAPI document: every operation with the errors it can answer."""

from drf_spectacular.openapi import AutoSchema

from visionary.common.api_errors import ErrorSerializer
from visionary.common.api_scopes import needed

MEANINGS = {
    "400": "Something in the request cannot be used; `field` names it.",
    "401": "Sign in first: `Authorization: Bearer <token>`.",
    "403": "You may not do this.",
    "404": "There is nothing at this address, or you may not see it.",
    "406": "Only JSON is spoken here.",
    "409": "The thing is not in a state for this.",
    "413": "The request is too big.",
    "415": "Send JSON or a form.",
    "422": "The request contradicts an earlier one.",
    "429": "Too often: wait `retry_after` seconds.",
    "500": "Something went wrong on our side.",
    "503": "The database is away or locked: wait `retry_after` seconds.",
}


class ApiSchema(AutoSchema):
    """Adds the refusals that follow from an operation's form; a view's `refusals` names further ones."""

    def _get_response_bodies(self, direction="response"):
        bodies = super()._get_response_bodies(direction)
        for status in sorted(self.refusals() - set(bodies)):
            answer = self._get_response_for_code(ErrorSerializer, status, direction=direction)
            bodies[status] = answer | {"description": MEANINGS[status]}
        return bodies

    def get_description(self):  # type: ignore[override]  # drf-spectacular's, without DRF's arguments
        """What the operation does, and the scope that a token needs for it."""
        text = super().get_description() or ""
        scope = self.view.authentication_classes and needed(self.view, self.method)
        return f"{text}\n\nScope of tokens: `{scope}`." if scope else text

    def refusals(self):
        found = {"400", "500", "503"} | set(getattr(self.view, "refusals", ()))
        if self.get_auth():
            found |= {"401", "403"}
        if "{" in self.path:
            found.add("404")
        if self.method != "GET":
            found |= {"413", "415", "429"}
        return found
