"""Every verb is stopped at every step, in every way; after recovery and one repetition the state is that of
an undisturbed run.

`STOPS_EVERY=1` stops at each step on every kind of store. Without it each verb is stopped in each way on one
kind, at every twentieth step, beginning elsewhere for each.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fidelity import snapshot
from tests.stops import machine, verbs
from tests.stops.machine import HELPER, Base, stop
from tests.store import Store, forget
from vpopmail.engines.base import VpopmailError
from vqweb.recover import WAITING, recover

EVERY = int(os.environ.get("STOPS_EVERY", "20"))
MOST = 2000
KINDS = ("many", "perdomain", "handmade", "sqlite")
WAYS = ("exception", "kill", *HELPER, "lost")


def _cases() -> Iterator[tuple[str, str, str]]:
    """Kind of store, verb, way. SQLite has no connection to lose."""
    for first, verb in enumerate(verbs.VERBS):
        for second, way in enumerate(WAYS):
            kinds = [kind for kind in KINDS if (kind, way) != ("sqlite", "lost")]
            for kind in kinds if "STOPS_EVERY" in os.environ else [kinds[(first + second) % len(kinds)]]:
                yield kind, verb, way


def _state(store: Store) -> dict[str, Any]:
    """With the hashes; without lock files, which stay where they were first needed, and numbers."""
    state = snapshot.take(store)
    for name, rows in state["rows"].items():
        plain = ({column: value for column, value in row.items() if column != "id"} for row in rows)
        state["rows"][name] = sorted(plain, key=repr)
    table = verbs.LAW.replace(".", "_") if store.kind == "perdomain" else "vpopmail"
    found = store.rows(f"SELECT * FROM `{table}`") if table in state["rows"] else []
    hashes = {row["pw_name"] + row["pw_dir"]: row["pw_passwd"] for row in found}
    return {"hashes": hashes} | {
        part: {name: value for name, value in found.items() if not name.endswith(".lock")}
        for part, found in state.items()
    }


def _differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [
        f"{part}/{name}: {one[part].get(name)!r} ≠ {other[part].get(name)!r}"[:300]
        for part in one
        for name in sorted({*one[part], *other[part]})
        if one[part].get(name) != other[part].get(name)
    ]


class Run:
    """One verb on one kind of store, stopped in one way at one step after the other."""

    def __init__(self, store: Store, verb: str) -> None:
        self.store, self.verb = store, verbs.VERBS[verb]
        verbs.prepare(store, verb)
        self.base, self.mail = Base(store), verbs.marked(store)
        self.before = _state(store)
        self.verb()
        self.after = _state(store)
        assert self.before != self.after
        self.stops, self.lost, self.half, self.faults = 0, 0, 0, []

    def at(self, way: str, step: int) -> bool:
        """Stop at the step, recover, repeat, compare. False when the verb has no such step."""
        self.base.restore()
        code, struck = stop(self.store, self.verb, way, step)
        if code == machine.DONE:
            return False
        where = f"{way} at step {step} ({struck})"
        assert code == machine.STOPPED, where
        self.stops += 1
        self._check(where)
        return True

    def _check(self, where: str) -> None:
        forget()
        faults = [f"accepted, but not deliverable: {name}" for name in verbs.undeliverable(self.store)]
        faults += [f"waits: {r.sentences}" for r in recover() if r.state == WAITING]
        half = _differences(self.before, recovered := _state(self.store))
        faults += half if half and recovered != self.after else []
        try:
            self.verb()
        except VpopmailError as error:
            faults += [f"repeating: {error.message}"] if recovered != self.after else []
        faults += _differences(self.after, _state(self.store))
        self.half += bool(faults)
        self.lost += len(self.mail - verbs.marked(self.store))
        self.faults += [f"{where}: {fault}" for fault in faults]


@pytest.mark.parametrize(("kind", "verb", "way"), list(_cases()))
@pytest.mark.timeout(3600)
def test_stopped_at_every_step(make_store: Any, kind: str, verb: str, way: str, record_property: Any) -> None:
    store = make_store(kind)
    run = Run(store, verb)
    step = sum(map(ord, verb + way + store.kind)) % EVERY
    while step < MOST and run.at(way, step):
        step += EVERY
    record_property("stops", (store.kind, verb, way, run.stops, run.lost, run.half))
    assert run.stops or EVERY > 1 or way == "child"  # qmail's files are root's work, which needs no child
    assert run.lost == 0 and not run.faults, "\n".join(run.faults[:20])
