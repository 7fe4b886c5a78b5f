from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ModelsHubConfig(AppConfig):
    name = "models_hub"
    verbose_name = _("Model hub")

    def ready(self):
        from accounts import sanctions
        from models_hub import exports, uploads
        from models_hub.downloads import counting
        from models_hub.search import keeping
        from visionary.common import periodic

        exports.register()
        keeping.connect()
        periodic.every(counting.FLUSH_SECONDS, counting.JOB)
        periodic.every(24 * 3600, "models_hub.search.documents.weigh")
        sanctions.on_ban.append(uploads.drop_all)
        periodic.every(600, "models_hub.uploads.clear")
        periodic.every(300, "models_hub.jobs.sweep")
        periodic.every(3600, "models_hub.jobs.purge")
