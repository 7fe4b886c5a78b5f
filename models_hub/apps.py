from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ModelsHubConfig(AppConfig):
    name = "models_hub"
    verbose_name = _("Model hub")

    def ready(self):
        from models_hub.search import keeping

        keeping.connect()
