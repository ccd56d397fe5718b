"""`manage.py autoresponder`."""

from pathlib import Path

import pytest

from tests.commands.base import done, run
from tests.store import Store


@pytest.fixture
def program(store: Store, bob: str) -> Path:
    path = store.qmail / "bin" / "autorespond"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.stores("sqlite", "many")
def test_added_changed_listed_and_deleted(store: Store, bob: str, program: Path) -> None:
    done("autoresponder", "--subject", "Hi", "--to", bob, "help@example.net", stdin="Soon.\n")
    message = store.directory("example.com") / "HELP" / "message"
    assert message.read_text() == "From: help@example.com\nSubject: Hi\n\nSoon.\n"
    assert done("autoresponder", "--list", "example.com").out == "help@example.com\n"
    assert done("autoresponder", "help@example.com").out == f"Subject: Hi\nAlso to: {bob}\n\nSoon.\n"
    done("autoresponder", "--subject", "Hi", "help@example.com", stdin="Later.\n")
    shown = done("autoresponder", "--json", "help@example.com").json
    assert (shown["text"], shown["to"]) == ("Later.", [])
    assert run("autoresponder", "--subject", "x", "--to", "|sh", "help@example.com", stdin="x").status == 1
    done("autoresponder", "--delete", "help@example.com")
    assert not message.parent.exists()
    assert run("autoresponder", "help@example.com").status == 3
