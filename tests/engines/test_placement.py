"""The big-dir counter against the table of vpopmail's real code and the recorded rows of dir_control."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests import recorded
from vpopmail.engines.native.placement import COLUMNS, Counter, from_row, to_row

TABLE = {
    1: "",
    99: "",
    100: "0",
    199: "0",
    200: "1",
    299: "1",
    6200: "z",
    6299: "z",
    6300: "0/0",
    6399: "0/0",
    12400: "0/z",
    12499: "0/z",
    12500: "1/0",
    390600: "z/z",
    390700: "0/0/0",
}


def _hundreds(counter: Counter) -> Iterator[Counter]:
    """The counter each time it has moved on."""
    while True:
        counter = replace(counter, cur_users=counter.cur_users // 100 * 100 + 99).added()
        yield counter


def test_directories_of_the_reference_table() -> None:
    counter, found = Counter(), {}
    for number in range(1, 12501):
        counter = counter.added()
        if number in TABLE:
            found[number] = counter.the_dir
    for later in _hundreds(counter):
        if later.cur_users in TABLE:
            found[later.cur_users] = later.the_dir
        if later.cur_users >= 390700:
            break
    assert found == TABLE


def test_level_index_runs_one_ahead_after_a_level_change() -> None:
    counter = next(c for c in _hundreds(Counter()) if c.the_dir == "0/0")
    assert (counter.level_cur, counter.level_index0, counter.level_index1) == (1, 0, 1)


def test_after_three_levels_the_directories_are_used_again() -> None:
    start = 62 + 62**2 + 62**3
    seen = [counter for number, counter in zip(range(start + 2), _hundreds(Counter()), strict=False)]
    assert seen[start - 1].the_dir == "z/z/z"
    assert [counter.the_dir for counter in seen[start:]] == ["0/0/0", "0/0/1"]


@pytest.mark.parametrize("build", ["many", "perdomain", "clear", "old"])
def test_recorded_rows_are_the_states_of_the_counter(build: str) -> None:
    counter, states = Counter(), {}
    for _ in range(300):
        counter = counter.added()
        states[counter.cur_users] = counter
    for step in recorded.load(f"placement.{build}")["steps"][1:3]:
        row = next(r for r in step["rows"]["dir_control"] if r["domain"] == "big.example")
        assert dict(zip(COLUMNS, to_row(states[row["cur_users"]]), strict=True)) == {
            c: row[c] for c in COLUMNS
        }


def test_a_free_slot_counts_without_moving() -> None:
    counter = replace(Counter(), cur_users=99)
    assert counter.filled() == replace(counter, cur_users=100)
    assert Counter().filled() == Counter()


def test_deletions_stop_at_zero_and_keep_the_directory() -> None:
    counter = replace(Counter(), cur_users=1, the_dir="3")
    assert counter.removed(5) == replace(counter, cur_users=0)


def test_missing_rows_and_nulls_are_the_initial_state() -> None:
    assert from_row(None) == Counter() == from_row((None,) * len(COLUMNS))
