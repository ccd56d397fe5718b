"""Every recorded scenario, replayed on the native engine: the same rows, trees and control files after
each step."""

from collections.abc import Callable

import pytest
from django.conf import settings

from tests.fidelity import expected, programs, snapshot
from tests.store import Store

SCENARIOS = ("daily", "placement", "limits", "many_domains")


def replay(store: Store, scenario: str, run: Callable[[list[str], str], None]) -> None:
    """Run each step and compare; `run` does one command line and is told what new domains do with unknown
    names."""
    unknown = "bounce" if store.build == "old" else "delete"
    for number, step in enumerate(expected.steps(scenario, store.build)):
        for argv in programs.repeated(step):
            run(argv, unknown)
        if "rows" in step:
            state = snapshot.take(store)
            if store.engine:
                _forget_tables_made_before(step, state)
            differences = expected.compare(step, state)
            assert not differences, f"step {number} {step['run']}:\n" + "\n".join(differences[:20])


def _forget_tables_made_before(step: expected.Step, state: snapshot.State) -> None:
    """A store with ready-made tables has some that the real programs had not made yet."""
    for table in [name for name, rows in state["rows"].items() if not rows and name not in step["rows"]]:
        del state["rows"][table]


@pytest.mark.stores("many", "perdomain", "sqlite", "clear", "old")
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_recorded_scenario(store: Store, scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VPOPMAIL_CLEAR_PASSWORDS", "keep")
    replay(store, scenario, programs.run)


@pytest.mark.stores("sqlite", "many", "perdomain")
@pytest.mark.ways("command", "socket")
def test_the_daily_scenario_through_a_helper_of_its_own(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "VPOPMAIL_CLEAR_PASSWORDS", "keep")
    replay(store, "daily", programs.run)
