from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GenerationConfig(AppConfig):
    name = "generation"
    verbose_name = _("Generator")

    def ready(self):
        from accounts import sanctions
        from generation import exports, services
        from generation.rendering import sidecars

        exports.register()
        sanctions.on_ban.append(services.cancel_jobs_of)
        sidecars.connect()
