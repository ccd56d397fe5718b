"""vpopmail's tables, and what changes them."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class VpopmailConfig(AppConfig):
    name = "vpopmail"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from vpopmail import checks, database  # noqa: F401  (checks register themselves)

        connection_created.connect(database.watch, dispatch_uid="vpopmail.database.watch")
