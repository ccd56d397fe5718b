"""What tests of vacations share: autorespond in its place, a clock, and what stands in the mailbox."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.vacation_services import end_vacation, set_vacation
from accounts.vacation_state import Standing, Wanted, standing_of
from tests.accounts.base import DOMAIN
from tests.store import Store
from vpopmail.models import find_account

NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)
Answering = Callable[..., Any]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    set_clock(NOON)
    return set_clock


@pytest.fixture
def program(example: Store) -> str:
    """autorespond, where this server would have it."""
    return install(example, "autorespond")


def install(store: Store, name: str) -> str:
    path = store.qmail / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def answer(subject: str = "Away", text: str = "Back in May.", **more: Any) -> Any:
    options = {key: more.pop(key) for key in ("actor", "expected") if key in more}
    wanted = Wanted(subject, text, **more)
    return set_vacation(**{"actor": None, "domain": DOMAIN, "name": "anna", "wanted": wanted} | options)


def end(**more: Any) -> Any:
    return end_vacation(**{"actor": None, "domain": DOMAIN, "name": "anna"} | more)


def now() -> Standing:
    account = find_account(DOMAIN, "anna")
    assert account is not None
    return standing_of(account)


def files(store: Store) -> dict[str, str]:
    """What stands in the mailbox beside the Maildir."""
    top = store.directory(DOMAIN) / "anna"
    return {
        str(path.relative_to(top)): path.read_text()
        for path in top.rglob("*")
        if path.is_file() and "Maildir" not in path.parts
    }


def lines(store: Store, program: str) -> str:
    """The whole `.qmail` of somebody who only answers, as qmailadmin writes it."""
    top = store.directory(DOMAIN) / "anna"
    return f"{top}/Maildir/\n| {program} 86400 3 {top}/vacation/message {top}/vacation\n"
