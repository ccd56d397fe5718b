"""Statements on vpopmail's tables: named columns, values as parameters, old values compared. Nothing else
writes them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vpopmail.database import connection, rows
from vpopmail.database import quoted as quote
from vpopmail.schema import schema

Row = dict[str, Any]


def is_sqlite() -> bool:
    return connection().vendor == "sqlite"


def execute(statement: str, params: Sequence[Any] = ()) -> int:
    """Run one statement; the number of rows matched (changed ones or not)."""
    with connection().cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def condition(where: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """`a = %s AND b IS NULL`, and its parameters. Text is compared by the column's collation."""
    parts = [f"{quote(c)} IS NULL" if v is None else f"{quote(c)} = %s" for c, v in where.items()]
    return " AND ".join(parts) or "1 = 1", [v for v in where.values() if v is not None]


def select(
    table: str, columns: Iterable[str], where: Mapping[str, Any], *, order: str = "", lock: bool = False
) -> list[Row]:
    """Rows as dictionaries; `lock` keeps them from changing until the transaction ends (MariaDB)."""
    columns = list(columns)
    text, params = condition(where)
    statement = f"SELECT {', '.join(map(quote, columns))} FROM {quote(table)} WHERE {text}"  # noqa: S608
    if order:
        statement += f" ORDER BY {quote(order)}"
    if lock and connection().features.has_select_for_update:
        statement += " FOR UPDATE"
    return [dict(zip(columns, row, strict=True)) for row in rows(statement, params)]


def insert(table: str, rows: Sequence[Mapping[str, Any]], verb: str = "INSERT") -> int:
    """Insert rows that all have the same columns. `verb` is INSERT or REPLACE."""
    if not rows:
        return 0
    columns = list(rows[0])
    places = ", ".join(["%s"] * len(columns))
    statement = f"{verb} INTO {quote(table)} ({', '.join(map(quote, columns))}) VALUES ({places})"
    with connection().cursor() as cursor:
        cursor.executemany(statement, [[row[column] for column in columns] for row in rows])
        return int(cursor.rowcount)


def put_back(table: str, former: Sequence[Row]) -> None:
    """Insert rows that were deleted, those that are there all the same excepted."""
    insert(table, [row for row in former if not select(table, list(row)[:1], row)])


def update(table: str, values: Mapping[str, Any], where: Mapping[str, Any]) -> int:
    text, params = condition(where)
    changes = ", ".join(f"{quote(column)} = %s" for column in values)
    return execute(
        f"UPDATE {quote(table)} SET {changes} WHERE {text}",  # noqa: S608
        [*values.values(), *params],
    )


def delete(table: str, where: Mapping[str, Any]) -> int:
    text, params = condition(where)
    return execute(f"DELETE FROM {quote(table)} WHERE {text}", params)  # noqa: S608


def is_transactional(table: str) -> bool:
    """Whether a rollback takes back changes of this table: always on SQLite, on MariaDB unless it is
    MyISAM or the like."""
    return is_sqlite() or schema().engine(table) == "InnoDB"


def table_exists(table: str) -> bool:
    """Asked of the database itself, not of what is known about it."""
    with connection().cursor() as cursor:
        return table in connection().introspection.table_names(cursor)


def select_named(
    table: str, columns: Iterable[str], where: Mapping[str, Any], name_column: str, names: Sequence[str]
) -> list[Row]:
    """The rows `where` whose name is one of `names`."""
    if not names:
        return []
    columns = list(columns)
    text, params = condition(where)
    places = ", ".join(["%s"] * len(names))
    statement = (
        f"SELECT {', '.join(map(quote, columns))} FROM {quote(table)} "  # noqa: S608
        f"WHERE {text} AND {quote(name_column)} IN ({places})"
    )
    return [dict(zip(columns, row, strict=True)) for row in rows(statement, [*params, *names])]
