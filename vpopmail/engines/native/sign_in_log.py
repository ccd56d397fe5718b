"""The table `vlog` in small pieces, so that no sign-in waits: old rows removed, clear passwords emptied.

Passwords are in the column `passwd`, and in the message where vpopmail was built with --enable-logging=p or
v ("password fail (pass: '…') name@domain:address", vchkpw.c). Neither is ever read.
"""

from vpopmail import underway
from vpopmail.database import connection, quoted, rows
from vpopmail.engines.native import sql
from vpopmail.schema import schema
from vpopmail.sign_ins import TABLE, older_than

LOGGED = "%(pass: %"
PIECE = 1000  # rows that one statement changes


def purge(before: int, most: int, entry: str) -> int:
    """Remove rows older than `before` (Unix seconds), the oldest first; how many were removed."""
    found = older_than(before, most)
    if not found:
        return 0
    underway.note(entry, "vlog")
    marks = ", ".join(["%s"] * len(found))
    return sql.execute(
        f"DELETE FROM {quoted(TABLE)} WHERE id IN ({marks})",  # noqa: S608
        found,
    )


def blank(after: int, most: int, entry: str) -> tuple[int, int]:
    """Empty the passwords of so many rows behind the id `after`: the last id gone through (0: there are no
    more), and how many rows were changed, as far as the panel may know."""
    columns = schema().columns(TABLE)
    if not {"id", "passwd"} <= set(columns):
        return 0, 0
    following = f"SELECT id FROM {quoted(TABLE)} WHERE id > %s ORDER BY id LIMIT {most:d}"  # noqa: S608
    last = rows(f"SELECT MAX(id) FROM ({following}) AS following", [after])[0][0]  # noqa: S608
    if last is None:
        return 0, 0
    underway.note(entry, "vlog")
    known = " AND passwd <> ''" if "passwd" in schema().readable(TABLE) else ""
    changed = sql.execute(
        f"UPDATE {quoted(TABLE)} SET passwd = '' WHERE id > %s AND id <= %s{known}",  # noqa: S608
        [after, last],
    )
    if "message" in columns:
        sql.execute(
            f"UPDATE {quoted(TABLE)} SET message = {_cut()} "  # noqa: S608
            "WHERE id > %s AND id <= %s AND message LIKE %s",
            [after, last, LOGGED],
        )
    return int(last), changed


def blank_all(entry: str) -> int:
    """Empty the passwords of every row, piece by piece; how many rows were changed."""
    total, after = 0, 0
    while True:
        after, changed = blank(after, PIECE, entry)
        if not after:
            return total
        total += changed


def _cut() -> str:
    """The message up to the password."""
    if connection().vendor == "sqlite":
        return "SUBSTR(message, 1, INSTR(message, '(pass: ') - 2)"
    return "SUBSTR(message, 1, LOCATE('(pass: ', message) - 2)"
