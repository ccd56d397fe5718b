"""vpopmail's tables, and what changes them."""

from django.apps import AppConfig


class VpopmailConfig(AppConfig):
    name = "vpopmail"
    default_auto_field = "django.db.models.BigAutoField"
