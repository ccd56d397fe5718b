"""A stopped change of an automatic answer: where message and lines are not both as they were to be, both go
back."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vpopmail.engines.base import NotFound, Settled
from vpopmail.engines.native import answers
from vpopmail.engines.native.work import Work

Note = Mapping[str, Any]


def settle(job: Work, notes: Sequence[Note]) -> Settled:
    """What somebody else wrote since is left alone."""
    note = next(note for note in notes if note["kind"] == "answer")
    try:
        message, file = _message(job, note), _file(job, note)
    except NotFound:
        return Settled(False, (_("What it was about is gone."),))
    lines = file["lines"]
    if message == note["data"] and note["lines"] in (None, lines):
        return Settled(True, (_("The new value stands."),))
    if note["lines"] == lines != note["former_lines"]:
        _set_lines(job, note, file)
    if message == note["data"] != note["former"] or (message is None and note["former"] is None):
        where = note["where"]
        answers.set_message(job, where, note["former"], job.call("read_answer", **where)["fingerprint"])
    return Settled(False, (_("The former value stands."),))


def _message(job: Work, note: Note) -> str | None:
    found = job.call("read_answer", **note["where"])
    return found["data"] if found["exists"] else None


def _box(note: Note) -> dict[str, Any]:
    return {key: note["where"][key] for key in ("domain", "name", "hash")}


def _file(job: Work, note: Note) -> dict[str, Any]:
    """The lines now, with the fingerprint of an account's own file."""
    if note["store"] == "vacation":
        return job.call("read_mailbox_dotqmail", **_box(note))
    where = note["where"]
    return {"lines": answers.lines_of(job, where["domain"], where["name"], note["store"])}


def _set_lines(job: Work, note: Note, file: Mapping[str, Any]) -> None:
    where, former = note["where"], list(note["former_lines"])
    if note["store"] != "vacation":
        answers.set_lines(job, where["domain"], where["name"], note["store"], former)
    elif former:
        expect = file["fingerprint"]
        job.call("write_mailbox_dotqmail", **_box(note), lines=former, expect=expect)
    else:
        job.call("remove_mailbox_dotqmail", **_box(note), expect=file["fingerprint"])
