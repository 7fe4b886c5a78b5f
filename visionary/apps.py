from django.apps import AppConfig


class VisionaryConfig(AppConfig):
    name = "visionary"
