"""For servers that speak WSGI (pages and API behind nginx)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "visionary.settings")
application = get_wsgi_application()
