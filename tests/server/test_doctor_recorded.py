"""A server on which the recorded scenarios were done has no finding but true ones."""

import pytest
from django.conf import settings

from server import doctor
from tests.fidelity import expected, programs
from tests.store import Store

# The tables of 5.4 are too narrow for SHA-512 and for long names.
TRUE = {"old": {"column-narrow:vpopmail.pw_name", "column-narrow:vpopmail.pw_passwd"}}


def replay(store: Store, scenario: str) -> None:
    unknown = "bounce" if store.build == "old" else "delete"
    for step in expected.steps(scenario, store.build):
        for argv in programs.repeated(step):
            programs.run(argv, unknown)


@pytest.mark.stores("sqlite", "many", "perdomain", "clear", "old")
@pytest.mark.parametrize("scenario", ["daily", "placement", "limits", "many_domains"])
def test_only_true_findings(store: Store, scenario: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VPOPMAIL_CLEAR_PASSWORDS", "keep")
    replay(store, scenario)
    assert {finding.key for finding in doctor.examine()} == TRUE.get(store.kind, set())
