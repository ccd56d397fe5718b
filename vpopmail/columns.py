"""Fields for vpopmail's nullable columns: NULL reads as empty text or 0 and equals it in a filter, as in
vpopmail's programs.

So nobody has to tell `None` from "", and an UPDATE that asks for the old value finds rows that other tools
left NULL.
"""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.lookups import Exact

if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
    _IntegerField = models.IntegerField[int, int]
    _Exact = Exact[Any]
else:
    _CharField, _IntegerField, _Exact = models.CharField, models.IntegerField, Exact


class Text(_CharField):
    """A text column that may hold NULL; read as ""."""

    def from_db_value(self, value: str | None, *_: object) -> str:
        return value or ""


class Number(_IntegerField):
    """An integer column that may hold NULL; read as 0."""

    def from_db_value(self, value: int | None, *_: object) -> int:
        return value or 0


class _EmptyIsNull(_Exact):
    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        sql, params = super().as_sql(compiler, connection)
        if self.rhs not in ("", 0):
            return sql, params
        column, column_params = self.process_lhs(compiler, connection)
        return f"({sql} OR {column} IS NULL)", (*params, *column_params)


Text.register_lookup(_EmptyIsNull)
Number.register_lookup(_EmptyIsNull)
