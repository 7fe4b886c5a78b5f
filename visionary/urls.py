"""Every page of the site, in one list."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from visionary import health, login_providers, queue_pages, views

urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("", include("generation.urls")),
    path("", include("gallery.urls")),
    path("", include("social.urls")),
    path("", include("social.profile_urls")),
    path("", include("models_hub.urls")),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    *login_providers.urls(),
    path("language/", set_language, name="set_language"),
    path("api/", include(("visionary.api_urls", "api"))),
    path("admin/queues/", include((queue_pages.urlpatterns, "django_rq"))),
    path("admin/", admin.site.urls),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]

handler400 = "visionary.views.bad_request"
handler403 = "visionary.views.forbidden"
handler404 = "visionary.views.not_found"
handler500 = "visionary.views.server_error"
