"""What the database refuses, said in the words of the engine's contract."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, NotSupportedError
from django.utils.translation import gettext as _

from vpopmail import schema
from vpopmail.engines.base import Refused, Unavailable, VpopmailError

_FORM_FIELDS = {
    "pw_name": "name",
    "pw_domain": "domain",
    "pw_passwd": "password",
    "pw_clear_passwd": "password",
    "pw_gecos": "gecos",
    "pw_shell": "quota",
    "alias": "alias",
    "valias_line": "line",
}
TOO_LONG, OUT_OF_RANGE, DUPLICATE = (1406,), (1264, 1690), (1062, 1586)
CHARSET = (1267, 1271, 1300, 1366, 3854, 3988)
FORBIDDEN = (1044, 1142, 1143, 1227, 1290, 1370, 1836)
STALE_SCHEMA = (1054, 1146)
FULL = (28, 1021, 1114, 1041)
BUSY = (1205, 1213)
LOST = (1053, 1927, 2006, 2013, 2055)


@contextmanager
def translated() -> Iterator[None]:
    """Raise a VpopmailError in place of the database's own error."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        raise translate(error) from error


def is_lost(error: BaseException) -> bool:
    """Did the connection break, so that nobody knows whether the last statement was done?"""
    number = error.args[0] if error.args else None
    return isinstance(error, InterfaceError) or (isinstance(error, DatabaseError) and number in LOST)


def translate(error: Exception) -> VpopmailError:
    """The sentence for people that an error of MariaDB or SQLite means; it never quotes values."""
    number = error.args[0] if error.args and isinstance(error.args[0], int) else None
    if number is None:
        return _sqlite(str(error), error)
    column = re.search(r"column (?:[`'][^`']*[`']\.)*[`'](\w+)[`']", str(error))
    field = _FORM_FIELDS.get(column[1], "") if column else ""
    if number in STALE_SCHEMA:
        schema.reset()
        return Unavailable(_("The tables of the mail database have changed meanwhile. Try again."))
    return _mariadb(number, field)


def _mariadb(number: int, field: str) -> VpopmailError:
    if number in TOO_LONG:
        return Refused(_("This is longer than the table of the mail database can hold."), field=field)
    if number in OUT_OF_RANGE:
        return Refused(_("This number is greater than the table of the mail database can hold."), field=field)
    if number in CHARSET:
        return Refused(_("This has characters that the table of the mail database cannot hold."), field=field)
    if number in DUPLICATE:
        return Refused(_("This exists already in the mail database."))
    if number in FORBIDDEN:
        return Unavailable(_("The panel's account in the mail database may not change this."))
    if number in FULL:
        return Unavailable(_("The mail database has no room left."))
    if number in BUSY:
        return Unavailable(_("The mail database is busy with another change. Try again."))
    return Unavailable(
        _("The mail database cannot be used at the moment (error %(number)d).") % {"number": number}
    )


def _sqlite(text: str, error: Exception) -> VpopmailError:
    if text.startswith("UNIQUE constraint"):
        return Refused(_("This exists already in the mail database."))
    if "locked" in text:
        return Unavailable(_("The mail database is busy with another change. Try again."))
    if "readonly" in text:
        return Unavailable(_("The mail database cannot be written: its file belongs to somebody else."))
    if "no such" in text or isinstance(error, NotSupportedError):
        schema.reset()
        return Unavailable(_("The tables of the mail database have changed meanwhile. Try again."))
    return Unavailable(_("The mail database cannot be used at the moment (%(text)s).") % {"text": text})
