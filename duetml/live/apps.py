from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "duetml.live"
    label = "live"
