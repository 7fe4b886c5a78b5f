"""Failures that a user caused or can understand, as opposed to the operator's."""


class DomainError(Exception):
    """An expected refusal: a stable `code` for programs and a translated sentence for people.

    `field` names the form field at fault, `retry_after` is in seconds, `status` is the HTTP status of the answer.
    """

    code = "refused"
    status = 400

    def __init__(self, message, *, code=None, field=None, retry_after=None, status=None):
        super().__init__(message)
        self.code = code or self.code
        self.field = field
        self.retry_after = retry_after
        self.status = status or self.status
