"""The comparer itself: whatever differs is found."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.fidelity import expected


def _row(state: dict[str, Any], table: str, **values: Any) -> None:
    state["rows"][table][0] |= values


def _entry(state: dict[str, Any], part: str, path: str, place: int, value: Any) -> None:
    state[part][path][place] = value


ALICE = "example.com/alice/Maildir/maildirsize"
CHANGES: list[Callable[[dict[str, Any]], object]] = [
    lambda s: _row(s, "vpopmail", pw_gid=1),
    lambda s: _row(s, "vpopmail", pw_clear_passwd=""),
    lambda s: _row(s, "dir_control", cur_users=2),
    lambda s: s["rows"]["lastauth"].pop(),
    lambda s: s["rows"]["lastauth"].append(s["rows"]["lastauth"][0]),
    lambda s: s["rows"].update(valias=[]),
    lambda s: s["rows"].pop("limits"),
    lambda s: s["tree"].pop(ALICE),
    lambda s: s["tree"].update({"example.com/more": ["d", "0o700", "vpopmail"]}),
    lambda s: _entry(s, "tree", ALICE, 0, "d"),
    lambda s: _entry(s, "tree", ALICE, 1, "0o644"),
    lambda s: _entry(s, "tree", ALICE, 3, "10485760S\n"),
    lambda s: _entry(s, "control", "control/rcpthosts", 0, "0o600"),
    lambda s: _entry(s, "control", "control/rcpthosts", 2, "mailhost.test\nexample.com\n"),
    lambda s: s["control"].pop("users/cdb"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_one_difference_is_found(change: Callable[[dict[str, Any]], object]) -> None:
    step = expected.steps("daily", "many")[1]
    state = {part: deepcopy(step[part]) for part in ("rows", "tree", "control")}
    assert expected.compare(step, state) == []
    change(state)
    assert expected.compare(step, state)


def test_rows_in_another_order_are_the_same() -> None:
    step = expected.steps("daily", "many")[4]
    state = {part: deepcopy(step[part]) for part in ("rows", "tree", "control")}
    for rows in state["rows"].values():
        rows.reverse()
    assert expected.compare(step, state) == []
