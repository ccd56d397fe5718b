from django.apps import AppConfig


class VqwebConfig(AppConfig):
    name = "vqweb"
