"""Stopped additions: complete ones stand, all others go back step by step, the last step first."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import assigned, helper, underway
from vpopmail.engines.base import NotFound, Settled
from vpopmail.engines.native import aliasdomains, counters, domains, left, sql
from vpopmail.engines.native.placement import Counter
from vpopmail.engines.native.users import NEVER, Users
from vpopmail.engines.native.work import Work
from vpopmail.schema import schema

Note = Mapping[str, Any]


def settle(job: Work, notes: Sequence[Note]) -> Settled:
    """Leave what is complete; take everything else back."""
    if _is_complete(notes):
        _finish(job, notes)
        return Settled(True, (_("It was complete: everything stands."), *job.warnings))
    standing = _standing(notes)
    for number in reversed(range(len(notes))):
        inverse = _INVERSES.get(notes[number]["kind"])
        if inverse is not None:
            inverse(job, notes, number, standing)
    return Settled(False, (_("It was half done and was taken back."), *job.warnings))


# Is it complete?


def _is_complete(notes: Sequence[Note]) -> bool:
    rows = [note for note in notes if note["kind"] == "rows"]
    connects = [note for note in notes if note["kind"] == "connect"]
    chunks = sum(note["kind"] in ("mailboxes", "directory") for note in notes)
    wanted = {alias for note in notes if note["kind"] == "intends" for alias in note["alias_domains"]}
    wanted |= {note["domain"] for note in notes if note["kind"] == "directory"}
    wanted |= {note["alias"] for note in notes if note["kind"] == "alias_row"}
    accounts = sum((len(note["boxes"]) for note in notes if note["kind"] == "mailboxes"), 0)
    intended = next((note["count"] for note in notes if note["kind"] == "adds"), accounts)
    if len(rows) != chunks or accounts < intended or not (rows or connects):
        return False
    if not wanted <= {note["domain"] for note in connects} or not _are_connected(connects):
        return False
    return (
        all(_all_stand(note) for note in rows)
        and all(_stands_as_alias(note) for note in notes if note["kind"] == "alias_row")
        and all(_have_mailboxes(note) for note in notes if note["kind"] == "mailboxes")
    )


def _are_connected(connects: Sequence[Note]) -> bool:
    """In assign, which comes first, and accepted for, which comes last."""
    if not connects:
        return True
    accepted: set[str] = set()
    for name in ("rcpthosts", "morercpthosts"):
        accepted.update((helper.call("read_control", name=name).get("text") or "").split())
    known = assigned.domains()
    return all(note["domain"] in known and note["domain"] in accepted for note in connects)


def _all_stand(note: Note) -> bool:
    return len(_our_rows(note)) == len(note["marks"])


def _stands_as_alias(note: Note) -> bool:
    return bool(sql.select(aliasdomains.TABLE, ["alias"], {"alias": note["alias"], "domain": note["real"]}))


def _our_rows(note: Note) -> list[sql.Row]:
    """Those rows that the addition made and that are there; a name may be somebody else's meanwhile."""
    users, marks = Users.of(note["domain"]), note["marks"]
    if not users.columns:
        return []
    found = sql.select_named(users.table, ["pw_name", "pw_passwd"], users.scope, "pw_name", list(marks))
    return [row for row in found if underway.is_marked(row["pw_passwd"], marks[row["pw_name"]])]


def _have_mailboxes(note: Note) -> bool:
    try:
        states = helper.call("mailbox_state", domain=note["domain"], mailboxes=note["boxes"])["states"]
    except NotFound:
        return False
    return all(state["maildir"] for state in states)


def _finish(job: Work, notes: Sequence[Note]) -> None:
    """What may be missing beside rows and directory: the last-sign-in row, and qmail's compiled files."""
    for note in notes:
        if note["kind"] == "connect":
            args = {key: note[key] for key in ("domain", "real", "hash") if key in note}
            job.call_as(f"{job.entry[:48]}.settled", "connect_domain", **args)
        elif note["kind"] == "rows" and schema().last_auth:
            _finish_last_auth(note["domain"], [row["pw_name"] for row in _our_rows(note)], notes)


def _finish_last_auth(domain: str, names: list[str], notes: Sequence[Note]) -> None:
    at = next((n["at"] for n in notes if n["kind"] == "lastauth" and n["domain"] == domain), 0)
    have = {row["user"] for row in sql.select_named("lastauth", ["user"], {"domain": domain}, "user", names)}
    missing = [name for name in names if name not in have]
    sql.insert(
        "lastauth",
        [{"user": name, "domain": domain, "remote_ip": NEVER, "timestamp": at} for name in missing],
        "REPLACE",
    )


# Taking back


def _standing(notes: Sequence[Note]) -> set[int]:
    """The notes on rows of which at least one stands: their transaction was committed, or there was none."""
    return {n for n, note in enumerate(notes) if note["kind"] == "rows" and _our_rows(note)}


def _was_done(notes: Sequence[Note], number: int, standing: set[int], table: str) -> bool:
    """May the statement noted here stand? A rolled back transaction took it along."""
    if not sql.is_transactional(table):
        return True
    rows = [n for n, note in enumerate(notes) if note["kind"] == "rows"]
    if notes[number]["kind"] == "lastauth":
        return any(n in standing for n in rows if n < number)
    return next((n in standing for n in rows if n > number), False)


def _back_rows(job: Work, notes: Sequence[Note], number: int, standing: set[int]) -> None:
    users = Users.of(notes[number]["domain"])
    for row in _our_rows(notes[number]):
        sql.delete(users.table, {**users.key(row["pw_name"]), "pw_passwd": row["pw_passwd"]})


def _back_last_auth(job: Work, notes: Sequence[Note], number: int, standing: set[int]) -> None:
    note = notes[number]
    if not _was_done(notes, number, standing, "lastauth"):
        return
    for name in note["names"]:
        ours = {"user": name, "domain": note["domain"], "timestamp": note["at"], "remote_ip": NEVER}
        if sql.delete("lastauth", ours):
            sql.insert("lastauth", [row for row in note["former"] if row["user"] == name], "REPLACE")


def _back_left(job: Work, notes: Sequence[Note], number: int, standing: set[int]) -> None:
    left.put_back(notes[number])


def _back_counter(job: Work, notes: Sequence[Note], number: int, standing: set[int]) -> None:
    note = notes[number]
    if any(later["kind"] == "counter" and later["name"] == note["name"] for later in notes[number + 1 :][:1]):
        return  # tried again: the later one is what was written
    if _was_done(notes, number, standing, counters.TABLE):
        counters.restore(note["name"], note["before"], Counter(**note["after"]), note["count"])


def _is_made(notes: Sequence[Note], number: int) -> bool:
    return number + 1 < len(notes) and notes[number + 1]["kind"] == "made"


def _back_mailboxes(job: Work, notes: Sequence[Note], number: int, standing: set[int]) -> None:
    """Empty ones are removed. One with mail is parked when it is known to be the addition's, else left."""
    note, park = notes[number], _is_made(notes, number)
    try:
        found = job.call_as(
            f"{job.entry[:48]}.settled",
            "unmake_mailboxes",
            domain=note["domain"],
            mailboxes=note["boxes"],
            park=park,
        )
    except NotFound:
        return
    if found.get("left"):
        job.warnings.append(
            _("Directories of these names hold something and were left: %(names)s.")
            % {"names": ", ".join(found["left"])}
        )


def _back_slots(job: Work, notes: Sequence[Note], number: int, standing: set[int]) -> None:
    """Asked under the same key, the helper says which slots it gave; without an answer kept, it takes and
    gets back the same."""
    note = notes[number]
    try:
        taken = job.call_as(note["key"], "take_slots", domain=note["domain"], count=note["count"])["hashes"]
        if taken:
            job.call_as(note["key"], "give_slots", domain=note["domain"], hashes=taken)
    except NotFound:
        return


def _back_directory(job: Work, notes: Sequence[Note], number: int, standing: set[int]) -> None:
    note, park = notes[number], _is_made(notes, number)
    found = job.call("unmake_domain", domain=note["domain"], hash=note["hash"], park=park)
    if found.get("left"):
        job.warnings.append(
            _("The directory of %(domain)s holds something and was left.") % {"domain": note["domain"]}
        )


def _back_connect(job: Work, notes: Sequence[Note], number: int, standing: set[int]) -> None:
    job.call("disconnect_domain", domains=[notes[number]["domain"]])


def _back_alias_row(job: Work, notes: Sequence[Note], number: int, standing: set[int]) -> None:
    note = notes[number]
    if sql.delete(aliasdomains.TABLE, {"alias": note["alias"], "domain": note["real"]}) or note["former"]:
        sql.insert(aliasdomains.TABLE, note["former"], "REPLACE")


def _back_table(job: Work, notes: Sequence[Note], number: int, standing: set[int]) -> None:
    table = notes[number]["table"]
    if sql.table_exists(table):
        if sql.select(table, ["pw_name"], {}):
            job.warnings.append(_("The table %(table)s holds rows and was left.") % {"table": table})
        else:
            domains.drop_table(table)


_INVERSES: dict[str, Callable[[Work, Sequence[Note], int, set[int]], None]] = {
    "rows": _back_rows,
    "lastauth": _back_last_auth,
    "left": _back_left,
    "counter": _back_counter,
    "mailboxes": _back_mailboxes,
    "slots": _back_slots,
    "directory": _back_directory,
    "connect": _back_connect,
    "alias_row": _back_alias_row,
    "table": _back_table,
}
