"""The connection to vpopmail's tables: outages in words, and forgetting what was known of tables that
changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, ProgrammingError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from vpopmail.engines.base import Unavailable
from vpopmail.router import DATABASE

T = TypeVar("T")

# MariaDB: unknown column, no such table, no such index (of a hint).
STALE = {1054, 1146, 1176}
# MariaDB: the server is gone, cannot be reached, refuses the panel, or has no connection, thread or time
# left.
OUTAGE = {
    1040,
    1044,
    1045,
    1049,
    1053,
    1129,
    1130,
    1152,
    1153,
    1203,
    1205,
    1213,
    1226,
    1290,
    1836,
    1927,
    *range(2000, 2060),
}


def connection() -> BaseDatabaseWrapper:
    """This thread's connection to vpopmail's database."""
    return connections[DATABASE]


def code(error: BaseException) -> int:
    """MariaDB's number of an error; 0 where there is none (SQLite)."""
    number = error.args[0] if error.args else 0
    return number if isinstance(number, int) else 0


def is_stale(error: BaseException) -> bool:
    """True when a table, column or index is not there, or not any more."""
    text = str(error)
    return (
        code(error) in STALE or "no such table" in text or "no such column" in text or "no such index" in text
    )


def is_outage(error: BaseException) -> bool:
    """True when the database did not answer, as opposed to refusing one statement."""
    return isinstance(error, InterfaceError) or (
        isinstance(error, OperationalError)
        and (code(error) in OUTAGE or (not code(error) and not is_stale(error)))
    )


@contextmanager
def reachable() -> Iterator[None]:
    """Turn an outage of vpopmail's database into Unavailable; every other error goes on upwards."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        if not is_outage(error):
            raise
        raise Unavailable(_("vpopmail’s database does not answer. Nothing was changed.")) from error


def reading(read: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call `read`; once more when a table or column turned out to be gone (the schema was then dropped, see
    `watch`)."""
    try:
        return read(*args, **kwargs)
    except (OperationalError, ProgrammingError) as error:
        if not is_stale(error):
            raise
    return read(*args, **kwargs)


def rows(sql: str, params: list[Any] | tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All rows of a SELECT on vpopmail's database."""
    with connection().cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = list(cursor.fetchall())
        return found


def quoted(name: str) -> str:
    """A table, column or index name in the quotes of the database."""
    return connection().ops.quote_name(name)


def like(text: str) -> str:
    """Text for LIKE … ESCAPE '!' in which nothing is a wildcard."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _forget_when_stale(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    try:
        return execute(sql, params, many, context)
    except (OperationalError, ProgrammingError) as error:
        if is_stale(error):
            from vpopmail import schema

            schema.reset()
        raise


def watch(sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Receiver of connection_created: what is known of the tables is dropped when a statement proves it
    wrong."""
    if connection.alias == DATABASE and _forget_when_stale not in connection.execute_wrappers:
        connection.execute_wrappers.append(_forget_when_stale)
