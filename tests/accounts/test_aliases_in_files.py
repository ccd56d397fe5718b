"""Aliases that are `.qmail-NAME` files where new ones are rows: shown, changed in place, odd ones left."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.accounts.base import ALIASES, alias_rows, check_looking, last_entry, state_of
from tests.store import GID, UID, Store

pytestmark = pytest.mark.stores("sqlite", "many")
LIST = "|/usr/bin/ezmlm-send '/v/team'\n"


def file(store: Store, name: str, content: str | bytes = "") -> Path:
    path = store.directory("example.com") / f".qmail-{name}"
    if content:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(path, UID, GID)
    return path


def page(client: Client, name: str = "") -> str:
    response = client.get(f"{ALIASES}{name}/" if name else ALIASES)
    assert response.status_code == 200
    return response.content.decode()


def test_the_list_shows_rows_and_files(
    example: Store, signed_in: Client, add_alias: Callable[..., None]
) -> None:
    add_alias("info", "&anna@example.com")
    add_alias("sales", "&anna@example.com")
    file(example, "info", "&gone@example.com\n")
    file(example, "team", LIST)
    file(example, "robot", "# away\n|/bin/autorespond 10000 5 /v/R/message /v/R\n&anna@example.com\n")
    check_looking(example, ALIASES, signed_in)
    rows = signed_in.get(ALIASES).context["page"].rows
    words = {row.alias.name: [str(one.word) for one in row.destinations] for row in rows}
    assert words == {
        "info": ["Address"],
        "robot": ["Note", "Autoresponder", "Account"],
        "sales": ["Account"],
        "team": ["Mailing list"],
    }
    text = page(signed_in)
    assert text.count("In a file") == 3 and "1 row of the same name does nothing" in text


def test_a_line_goes_into_the_file_and_the_rest_stays(example: Store, signed_in: Client) -> None:
    odd = "# by hand\n&anna@example.com \n./Maildir/\n"
    path = file(example, "info", odd)
    response = signed_in.post(f"{ALIASES}info/add/", {"line": "bob@elsewhere.example"})
    assert response.status_code == 302
    assert path.read_text() == odd + "bob@elsewhere.example\n" and alias_rows(example) == []
    signed_in.post(f"{ALIASES}info/remove/", {"line": "bob@elsewhere.example"})
    assert path.read_text() == odd
    assert last_entry().changes == {"line": ["bob@elsewhere.example", None]}
    assert "Kept in a file" in page(signed_in, "info")


def test_the_file_is_changed_and_not_its_hidden_row(
    example: Store, signed_in: Client, add_alias: Callable[..., None]
) -> None:
    add_alias("info", "&x@elsewhere.example")
    add_alias("gone", "#")
    file(example, "gone", "&anna@example.com\n")
    words = [(str(one.word), one.idle) for one in signed_in.get(f"{ALIASES}gone/").context["lines"]]
    assert words == [("Account", False), ("Thrown away", True)]
    path = file(example, "info", "&x@elsewhere.example\n&y@elsewhere.example\n")
    assert "Does nothing: the file comes first" in page(signed_in, "info")
    signed_in.post(f"{ALIASES}info/remove/", {"line": "&x@elsewhere.example"})
    assert path.read_text() == "&y@elsewhere.example\n"
    assert alias_rows(example) == [("gone", "#"), ("info", "&x@elsewhere.example")]


def test_a_file_that_is_not_utf_8(example: Store, signed_in: Client) -> None:
    path = file(example, "info", b"# caf\xe9\n&x@elsewhere.example\n&y@elsewhere.example\n")
    assert "caf\N{REPLACEMENT CHARACTER}" in page(signed_in, "info") and page(signed_in)
    signed_in.post(f"{ALIASES}info/remove/", {"line": "&y@elsewhere.example"})
    assert path.read_bytes() == b"# caf\xe9\n&x@elsewhere.example\n"
    signed_in.post(f"{ALIASES}info/remove/", {"line": "# caf\N{REPLACEMENT CHARACTER}"})
    assert path.read_bytes() == b"&x@elsewhere.example\n"
    assert last_entry().changes == {"line": ["# caf\N{REPLACEMENT CHARACTER}", None]}
    assert signed_in.get(f"/activity/{last_entry().key}/").status_code == 200


@pytest.mark.parametrize("kind", ["link", "long", "directory"])
def test_a_file_that_may_not_be_read_is_left_alone(example: Store, signed_in: Client, kind: str) -> None:
    path = file(example, "info")
    if kind == "link":
        path.symlink_to(file(example, "real", "&x@elsewhere.example\n"))
    elif kind == "directory":
        path.mkdir()
    else:
        file(example, "info", "&x@elsewhere.example\n" * 500_000)
    before = state_of(example)
    assert "may not be read by the panel" in page(signed_in, "info") and "may not be read" in page(signed_in)
    for post, data in (("add", {"line": "y@elsewhere.example"}), ("delete", {})):
        response = signed_in.post(f"{ALIASES}info/{post}/", data)
        assert response.status_code == 200
        assert "may not be read by the panel, so it is left as it is" in response.content.decode()
    assert {**state_of(example), "entries": before["entries"]} == before


def test_mailing_lists_are_not_changed_line_by_line(example: Store, signed_in: Client) -> None:
    path = file(example, "team", LIST)
    assert "belongs to a mailing list" in page(signed_in, "team")
    before = state_of(example)
    for post, data in (("add", {"line": "y@elsewhere.example"}), ("delete", {})):
        assert "mailing list" in signed_in.post(f"{ALIASES}team/{post}/", data).content.decode()
    assert state_of(example) == before and path.read_text() == LIST


def test_another_program_writes_the_file_meanwhile(
    example: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our reading and our writing: the second writer is told, and nothing is overwritten."""
    from vpopmail.engines.native import aliases

    path, real = file(example, "info", "&x@elsewhere.example\n"), aliases._write_file

    def late(*args: Any) -> None:
        file(example, "info", "&qmailadmin@elsewhere.example\n")
        real(*args)

    monkeypatch.setattr(aliases, "_write_file", late)
    response = signed_in.post(f"{ALIASES}info/add/", {"line": "y@elsewhere.example"})
    assert response.status_code == 200 and "changed" in str(response.context["form"].errors)
    assert path.read_text() == "&qmailadmin@elsewhere.example\n"


def test_bytes_that_are_no_text_are_not_brought_back(example: Store, signed_in: Client) -> None:
    from tests.commands.base import run

    path = file(example, "info", b"# caf\xe9\n&x@elsewhere.example\n")
    signed_in.post(f"{ALIASES}info/remove/", {"line": "# caf\N{REPLACEMENT CHARACTER}"})
    again = run("revert", last_entry().key)
    assert again.status and "bytes that are no text" in again.err
    assert path.read_bytes() == b"&x@elsewhere.example\n"
