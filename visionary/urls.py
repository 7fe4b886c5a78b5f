"""Every page of the site, in one list."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from visionary import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("admin/queues/", include("django_rq.urls")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("language/", set_language, name="set_language"),
]
