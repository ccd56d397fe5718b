"""vpopmail's models live in the database `vpopmail`; nothing is ever migrated there."""

from typing import Any

from django.db.models import Model

DATABASE = "vpopmail"
LABEL = "vpopmail"


class VpopmailRouter:
    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        return DATABASE if model._meta.app_label == LABEL else None

    db_for_write = db_for_read

    def allow_relation(self, first: Model, second: Model, **hints: Any) -> bool:
        return (first._meta.app_label == LABEL) == (second._meta.app_label == LABEL)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == DATABASE or app_label == LABEL else None
