from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self):
        from accounts import exports
        from visionary.common import periodic

        exports.register()
        periodic.every(300, "accounts.jobs.note_presence")
        periodic.every(3600, "accounts.jobs.clear_exports")
        periodic.every(3600, "accounts.jobs.delete_accounts")
