"""django_rq's own pages of the queues: they can delete tickets, so they are for administrators alone."""

from functools import wraps

import redis
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django_rq.urls import get_admin_urlpatterns, get_api_urlpatterns

from visionary.common import unavailable


def guarded(view):
    """Asks for a superuser, and says so in a sentence while Redis is away."""

    @wraps(view)
    @login_required
    def answer(request, *args, **kwargs):
        if not request.user.is_superuser:
            raise PermissionDenied
        try:
            return view(request, *args, **kwargs)
        except (redis.ConnectionError, redis.TimeoutError):
            sentence = _("Redis does not answer, so there are no queues to show. Jobs are safe in the database.")
            return unavailable.page(request, unavailable.Unavailable(sentence))

    return answer


urlpatterns = get_api_urlpatterns() + get_admin_urlpatterns()
for pattern in urlpatterns:
    pattern.callback = guarded(pattern.callback)
