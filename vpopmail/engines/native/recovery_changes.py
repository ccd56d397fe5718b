"""Stopped changes of single rows and files are read and reported: either the new value stands, or nothing
happened."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import aliases as alias_lines
from vpopmail import assigned, helper, ip_map, limits, lists, underway
from vpopmail.engines.base import NotFound, Refused, Settled
from vpopmail.engines.native import alias_conversion, sessions, sql, switching
from vpopmail.engines.native.changes import set_size_file
from vpopmail.engines.native.users import Users, real_domain
from vpopmail.engines.native.work import Work

Note = Mapping[str, Any]


def read(job: Work, notes: Sequence[Note]) -> Settled:
    """Does what was to be changed stand? What follows a row without being one is done then: maildirsize, ends
    of sessions."""
    looked = [(note, _stands(job, note)) for note in notes if note["kind"] in _READERS]
    standing = [stands for _note, stands in looked]
    by_name = {note["name"]: stands for note, stands in looked if note["kind"] == "account"}
    switching.settle_files(job, [note for note in notes if note["kind"] == "aside"], by_name)
    for note in notes:
        if note["kind"] == "size":
            _set_size_file(job, note["domain"], note["box"]["name"])
    if not all(standing) or not standing:
        half = _("Only a part of the change stands.") if any(standing) else _("The former value stands.")
        return Settled(False, (half,))
    for note in notes:
        if note["kind"] == "signs_out":
            names = [note["domain"], *assigned.domains().aliases_of(note["domain"])]
            sessions.end(job, names, note["name"])
    return Settled(True, (_("The new value stands."), *job.warnings))


def _stands(job: Work, note: Note) -> bool:
    return bool(_READERS[note["kind"]](job, note))


def _account(job: Work, note: Note) -> bool:
    try:
        real = real_domain(note["domain"])
        row = Users.of(real.name).read(note["name"])
    except NotFound:
        return False
    stands = all(_is(column, row, value) for column, value in note["values"].items())
    if stands and "pw_shell" in note["values"]:
        _set_size_file(job, real.name, row["pw_name"])
    return stands


def _is(column: str, row: sql.Row, value: Any) -> bool:
    if column not in row:
        return True  # the panel may not read it
    if column.endswith("_passwd"):
        return underway.is_marked(row[column], value)
    return bool(row[column] == value)


def _set_size_file(job: Work, domain: str, name: str) -> None:
    """maildirsize says what the row says, whichever value stands."""
    try:
        real = real_domain(domain)
        row = Users.of(real.name).read(name)
    except NotFound:
        return
    set_size_file(job, real, row, row["pw_shell"] or "")


def _line(job: Work, note: Note) -> bool:
    lines = [line.line for line in alias_lines.get_alias(note["domain"], note["alias"])]
    return bool((note["line"] in lines) == note["stands"])


def _limits(job: Work, note: Note) -> bool:
    found = limits.read(note["domain"])
    return bool(found.own and all(found.values[name] == value for name, value in note["values"].items()))


def _no_limits(job: Work, note: Note) -> bool:
    return not bool(limits.read(note["domain"]).own)


def _default_limits(job: Work, note: Note) -> bool:
    return bool(limits.defaults().text == note["text"])


def _dotqmail(job: Work, note: Note) -> bool:
    try:
        file = helper.call("read_mailbox_dotqmail", domain=note["domain"], **note["box"])
    except NotFound:
        return False
    return bool(file["readable"] and file["lines"] == note["lines"])


def _delivery(job: Work, note: Note) -> bool:
    try:
        file = helper.call("read_dotqmail", domain=note["domain"], name="default")
    except NotFound:
        return False
    return bool(file["readable"] and file["lines"] == note["lines"])


def _ip_map(job: Work, note: Note) -> bool:
    return bool(ip_map.domain_of(note["ip"]) == note["to"])


def _conversion(job: Work, note: Note) -> bool:
    """An alias in both places leaves the one that it was to leave."""
    return alias_conversion.finish(job, note["domain"], note["alias"], note["to"], note["lines"])


def _list(job: Work, note: Note) -> bool:
    """A list that is only half made goes again; nobody is on it yet."""
    if lists.exists(note["domain"], note["name"]):
        return True
    with suppress(Refused):  # of that name is something else by now
        job.call("unmake_list", domain=note["domain"], name=note["name"])
    return False


def _subscribers(job: Work, note: Note) -> bool:
    these = [*note["add"], *note["remove"]]
    try:
        on = lists.members_of(note["domain"], note["name"], note["part"], limit=1, these=these).on
    except NotFound:
        return False
    return on >= set(note["add"]) and not on & set(note["remove"])


_READERS = {
    "account": _account,
    "line": _line,
    "limits": _limits,
    "limits_gone": _no_limits,
    "default_limits": _default_limits,
    "ip_map": _ip_map,
    "dotqmail": _dotqmail,
    "delivery": _delivery,
    "list": _list,
    "subscribers": _subscribers,
    "convert": _conversion,
}
