from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GalleryConfig(AppConfig):
    name = "gallery"
    verbose_name = _("Gallery")

    def ready(self):
        from gallery import exports, uses
        from models_hub import states

        exports.register()
        states.on_published.append(uses.link)
