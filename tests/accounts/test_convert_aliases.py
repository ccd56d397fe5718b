"""Aliases from files into the table and back: the plan, the page, the command, the way back, what stays."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.conversion_services import convert_aliases, plan_for
from audit.models import Entry
from tests.accounts.base import DOMAIN, alias_rows, check_rights, last_entry, state_of
from tests.accounts.test_own_account import sign_in
from tests.commands.base import done, run
from tests.engines.cast import execute
from tests.store import GID, UID, Store
from vpopmail.aliases import rows_of
from vpopmail.engines.base import Refused
from vpopmail.schema import ensure_table

URL = f"/domains/{DOMAIN}/convert-aliases/"
SALES = ["# all of us", "&anna@example.com", "b@elsewhere.example"]
ROBOT = ["|/usr/local/bin/autorespond 10000 5 /v/R/message /v/R", "&anna@example.com"]

pytestmark = pytest.mark.stores("many", "old")


def path_of(store: Store, name: str) -> Path:
    return store.directory(DOMAIN) / f".qmail-{name.replace('.', ':')}"


def file(store: Store, name: str, *lines: str) -> Path:
    path = path_of(store, name)
    path.write_text("".join(f"{line}\n" for line in lines))
    path.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(path, UID, GID)
    return path


def rows(store: Store, name: str) -> list[str]:
    return [line.line for alias in rows_of(DOMAIN, [name]) for line in alias.lines]


def row(alias: str, line: str) -> None:
    ensure_table("valias")
    execute("INSERT INTO valias (alias, domain, valias_line) VALUES (%s, %s, %s)", [alias, DOMAIN, line])


def planned(to: str, actor: Any = None) -> tuple[list[str], dict[str, str]]:
    plan = plan_for(actor, DOMAIN, to)
    assert plan.refused == ""
    return [item.name for item in plan.goes], {item.name: item.why for item in plan.stays}


def test_there_and_back(example: Store, signed_in: Client) -> None:
    for name, lines in (("sales", SALES), ("a.b", ["#"]), ("robot", ROBOT)):
        file(example, name, *lines)
    before = {name: path_of(example, name).read_bytes() for name in ("sales", "a.b", "robot")}
    page = signed_in.get(URL)
    text = page.content.decode()
    assert "What moves: 3 aliases" in text and "autorespond 10000 5" in text
    plan = page.context["plan"]
    response = signed_in.post(URL, {"to": "sql", "seen": plan.seen})
    assert response.status_code == 302, response.content.decode()
    assert sorted(rows(example, "sales")) == sorted(SALES) and rows(example, "a.b") == ["#"]
    assert not any(path_of(example, name).exists() for name in before)
    entry = last_entry()
    assert (entry.action, entry.state, entry.target) == ("dotqmail2valias", "ok", DOMAIN)
    assert entry.changes == {"stored": ["files", "sql"], "aliases": [None, ["a.b", "robot", "sales"]]}
    assert entry.command == f"manage.py dotqmail2valias {DOMAIN}"
    if example.kind == "many":
        kinds = example.rows("SELECT valias_type FROM valias WHERE alias = 'robot' ORDER BY id")
        assert [one["valias_type"] for one in kinds] == [0, 1]
    # The engine allows no programs into files unless the mail host is told to.
    assert planned("files")[0] == ["a.b", "sales"]
    plan = signed_in.get(URL, {"to": "files"}).context["plan"]
    assert signed_in.post(URL, {"to": "files", "seen": plan.seen}).status_code == 302
    assert path_of(example, "sales").read_bytes() == before["sales"] or example.kind == "old"
    assert sorted(path_of(example, "sales").read_text().splitlines()) == sorted(SALES)
    assert alias_rows(example) == sorted(("robot", line) for line in ROBOT)
    assert path_of(example, "sales").stat().st_mode & 0o777 == 0o600


def test_taken_back_from_the_journal(example: Store, signed_in: Client) -> None:
    file(example, "sales", *SALES)
    file(example, "info", "&anna@example.com")
    convert_aliases(actor=None, domain=DOMAIN, to="sql")
    entry = last_entry()
    assert "in files" in signed_in.get(f"/activity/{entry.key}/").content.decode()
    execute("UPDATE valias SET valias_line = '|own' WHERE alias = 'info'")
    done("revert", entry.key)
    assert path_of(example, "sales").exists() and rows(example, "sales") == []
    assert rows(example, "info") == ["|own"] and not path_of(example, "info").exists()
    assert last_entry().changes["aliases"] == [None, ["sales"]]
    again = run("revert", entry.key)
    assert again.status and "None of these aliases" in again.err


STAY_FILES = {
    "team": (["|/usr/bin/ezmlm-send '/v/team'"], "mailing list"),
    "x-default": (["&anna@example.com"], "many names"),
    "x-y": (["&anna@example.com"], "another way"),
    "twice": (["&anna@example.com"], "rows of the same name"),
    "n" * 33: (["&anna@example.com"], "too long"),
    "blank": (["", "&anna@example.com"], "means something else"),
    "dot": (["./Maildir/"], "means something else"),
    "mbox": (["/var/mail/x"], "means something else"),
    "trail": (["&anna@example.com "], "means something else"),
    "cr": (["&anna@example.com\r"], "means something else"),
    "bare": (["&anna"], "means something else"),
    "ends": (["|/usr/bin/own", "&anna@example.com"], "keeps no order"),
    "void": ([], "no lines"),
}
STAY_ROWS = {
    "default": (["&anna@example.com"], "many names"),
    "x-default": (["&anna@example.com"], "many names"),
    "y-z": (["&anna@example.com"], "another way"),
    "hidden": (["&anna@example.com"], "file of the same name"),
    "a/b": (["&anna@example.com"], "No file"),
    "dot": (["./Maildir/"], "means something else"),
    "prog": (["|/usr/bin/own"], "may not be entered"),
    "away": (["/home/else/Maildir/"], "may not be entered"),
    "two": (["&a@x.example &b@x.example"], "means something else"),
}


def test_files_that_stay(example: Store, signed_in: Client) -> None:
    for name, (lines, _why) in STAY_FILES.items():
        file(example, name, *lines)
    row("twice", "&b@elsewhere.example")
    path_of(example, "link").symlink_to("/etc/passwd")
    before = {**state_of(example), "text": path_of(example, "twice").read_text()}
    goes, stays = planned("sql")
    assert goes == [] and stays.keys() == {*STAY_FILES, "link"}
    for name, (_lines, why) in STAY_FILES.items():
        assert why in stays[name], name
    page = signed_in.get(URL).content.decode()
    assert "Nothing to move" in page and "mailing list" in page
    with pytest.raises(Refused, match="nothing that could be moved"):
        convert_aliases(actor=None, domain=DOMAIN, to="sql")
    assert {**state_of(example), "text": path_of(example, "twice").read_text()} == before


def test_rows_that_stay(example: Store) -> None:
    for name, (lines, _why) in STAY_ROWS.items():
        for line in lines:
            row(name, line)
    file(example, "y-default", "&anna@example.com")
    file(example, "hidden", "&anna@example.com")
    row("goes", f"{example.directory(DOMAIN)}/anna/Maildir/")
    if example.kind == "many":
        row("marked", "&anna@example.com")
        execute("UPDATE valias SET copy = 1 WHERE alias = 'marked'")
    goes, stays = planned("files")
    assert goes == ["goes"]
    for name, (_lines, why) in STAY_ROWS.items():
        assert why in stays[name], name
    assert example.kind != "many" or "copy" in stays["marked"]


def test_domains_in_which_nothing_looks_into_the_table(example: Store, in_files: Store) -> None:
    file(example, "sales", *SALES)
    assert "built to use files" in plan_for(None, DOMAIN, "sql").refused
    row("left", "&anna@example.com")
    convert_aliases(actor=None, domain=DOMAIN, to="files", names={"left"})
    assert path_of(example, "left").read_text() == "&anna@example.com\n"


@pytest.mark.stores("sqlite")
def test_a_vpopmail_with_sqlite_finds_no_rows(example: Store, signed_in: Client) -> None:
    path = file(example, "sales", *SALES)
    assert "mail would bounce" in signed_in.get(URL).content.decode()
    assert run("dotqmail2valias", DOMAIN).status and path.exists() and alias_rows(example) == []
    path.unlink()
    row("left", "&anna@example.com")
    convert_aliases(actor=None, domain=DOMAIN, to="files")
    assert path_of(example, "left").read_text() == "&anna@example.com\n"


def test_another_delivery_program(example: Store) -> None:
    file(example, "sales", *SALES)
    file(example, "default", "|/usr/lib/dovecot/dovecot-lda")
    assert "not delivered by vdelivermail" in plan_for(None, DOMAIN, "sql").refused
    assert run("dotqmail2valias", DOMAIN).status and path_of(example, "sales").exists()


def test_the_second_writer_is_told(
    example: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    file(example, "sales", *SALES)
    seen = signed_in.get(URL).context["plan"].seen
    file(example, "sales", "&qmailadmin@elsewhere.example")
    before = state_of(example)
    response = signed_in.post(URL, {"to": "sql", "seen": seen})
    assert "changed by somebody else meanwhile" in response.content.decode()
    assert state_of(example) == before
    # Between the plan of the POST and the lock: the engine looks again.
    plan = plan_for(None, DOMAIN, "sql")
    file(example, "sales", "&roundcube@elsewhere.example")
    monkeypatch.setattr("accounts.conversion_services.plan_for", lambda *args: plan)
    response = signed_in.post(URL, {"to": "sql", "seen": plan.seen})
    assert "changed by somebody else meanwhile" in response.content.decode()
    assert path_of(example, "sales").read_text() == "&roundcube@elsewhere.example\n"
    assert alias_rows(example) == [] and last_entry().state == "failed"


def test_one_that_changed_does_not_keep_the_others(example: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("info", "sales"):
        file(example, name, *SALES)
    plan = plan_for(None, DOMAIN, "sql")
    file(example, "info", "&late@elsewhere.example")
    monkeypatch.setattr("accounts.conversion_services.plan_for", lambda *args: plan)
    outcome, moved = convert_aliases(actor=None, domain=DOMAIN, to="sql")
    assert [item.name for item in moved] == ["sales"] and "info" in outcome.warnings[0]
    assert last_entry().changes["aliases"] == [None, ["sales"]] and path_of(example, "info").exists()


def test_the_command(example: Store) -> None:
    for name in ("info", "sales"):
        file(example, name, *SALES)
    file(example, "team", "|ezmlm-send /v/team")
    before = Entry.objects.count()
    shown = done("dotqmail2valias", "--plan", DOMAIN)
    assert "sales: # all of us, &anna@example.com" in shown.out and "Stays: team." in shown.out
    assert Entry.objects.count() == before and path_of(example, "info").exists()
    assert done("dotqmail2valias", "--json", DOMAIN, "info").json["moved"] == ["info"]
    assert path_of(example, "sales").exists()
    assert done("dotqmail2valias", "--json", DOMAIN).json["moved"] == ["sales"]
    assert done("dotqmail2valias", "--json", DOMAIN).json["moved"] == []
    assert "Moved: info, sales" in done("dotqmail2valias", "--back", DOMAIN).out
    assert run("dotqmail2valias", "nowhere.example").status


def test_more_than_fit_at_once(example: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vpopmail.conversion.MOST", 2)
    for number in range(5):
        file(example, f"list{number}", "&anna@example.com")
    plan = plan_for(None, DOMAIN, "sql")
    assert len(plan.goes) == 2 and plan.more
    assert len(done("dotqmail2valias", "--json", DOMAIN).json["moved"]) == 5


def test_rights(example: Store, person: Client, allow: Callable[..., Client], signed_in: Client) -> None:
    check_rights(URL, person)
    file(example, "prog", "|/usr/bin/own")
    viewer = allow("view_domain", "view_alias", "change_alias")
    assert viewer.get(URL).status_code == 403 and viewer.post(URL, {"to": "sql"}).status_code == 403
    postmaster = sign_in(f"postmaster@{DOMAIN}")
    assert postmaster.get(URL).status_code == 403
    with pytest.raises(Refused, match="administrator"):
        convert_aliases(actor=postmaster.get("/").wsgi_request.user, domain=DOMAIN, to="sql")
    changer = allow("view_domain", "view_alias", "change_alias", "change_domain")
    assert "may not be entered" in changer.get(URL).content.decode()
    assert signed_in.get(URL).context["plan"].goes
    assert signed_in.get(URL, {"to": "nonsense"}).status_code == 200
    assert signed_in.post(URL, {"to": "nonsense"}).status_code == 302
