"""Of two who change the same thing the second is told, and what the first wrote stands: another person, or a
program that writes the row or the file without telling the panel, between the page and its form."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from audit.models import Entry
from domains import services as domains
from tests.forms.browser import Form, forms_of, send
from tests.forms.stage import FULL, Stage
from tests.store import GID, UID, Store
from tests.vpopmail.sign_in_log import execute
from vpopmail import limits

ANNA = f"/domains/{FULL}/accounts/anna/"
Write = Callable[["Stage"], object]
Read = Callable[["Stage"], object]


@dataclass(frozen=True)
class Thing:
    """What can be changed by a form: its page, the route that it is sent to, what is typed; what the other
    one does, and how what stands is read."""

    page: str
    route: str
    typed: dict[str, str]
    other: Write
    stands: Read
    who: str = "superuser"


def _account(stage: Stage, column: str) -> object:
    return next(row[column] for row in stage.store.accounts(FULL) if row["pw_name"] == "anna")


def _column(column: str, value: Callable[[int], object]) -> tuple[Write, Read]:
    """Another program writes the row, another value each time."""
    times = count()

    def write(stage: Stage) -> None:
        table = FULL.replace(".", "_") if stage.store.kind == "perdomain" else "vpopmail"
        execute(f"UPDATE {table} SET {column} = %s WHERE pw_name = 'anna'", [value(next(times))])

    return write, lambda stage: _account(stage, column)


def _file(path: str) -> tuple[Write, Read]:
    """Another program adds a line to a file, as they do: a new one beside it, then a rename."""

    def write(stage: Stage) -> None:
        target = stage.store.directory(FULL) / path
        fresh = target.with_name(target.name + ".new")
        fresh.write_bytes(target.read_bytes() + b"# somebody else\n")
        fresh.chmod(0o600)
        os.chown(fresh, UID, GID) if os.geteuid() == 0 else None
        fresh.rename(target)

    def read(stage: Stage) -> bytes:
        return Path(stage.store.directory(FULL) / path).read_bytes()

    return write, read


def _limits(first: int) -> tuple[Write, Read]:
    """Another person saves the limits of the domain."""
    times = count(first)

    def write(stage: Stage) -> None:
        domains.change_limits(actor=None, domain=FULL, changes={"maxaliases": next(times)})

    return write, lambda stage: limits.read(FULL).values["maxaliases"]


def _defaults(stage: Stage) -> Path:
    return Path(stage.store.home / "etc" / "vlimits.default")


def _mapped(stage: Stage) -> object:
    return stage.store.rows("SELECT domain FROM ip_alias_map")


def _clerk(stage: Stage) -> object:
    return User.objects.get(username="clerk").email


GECOS = _column("pw_gecos", lambda n: f"Other {n}")
QUOTA = _column("pw_shell", lambda n: f"99{n}S")
FLAGS = _column("pw_gid", lambda n: 0x80 * (1 + n % 15))
FORWARDS, MESSAGE, CATCH_ALL = _file("anna/.qmail"), _file("anna/vacation/message"), _file(".qmail-default")
ANSWERS = _file("ANSWERS/message")
THINGS = {
    "display name": Thing(ANNA, "change-account", {"gecos": "Mine"}, *GECOS),
    "own name": Thing("/me/", "own-name", {"gecos": "Mine"}, *GECOS, f"anna@{FULL}"),
    "quota": Thing(ANNA, "change-quota", {"quota": "5 GB"}, *QUOTA),
    "flags": Thing(f"{ANNA}flags/", "change-flags", {"flag_8": "on"}, *FLAGS),
    "forwarding": Thing(
        f"{ANNA}forwarding/", "change-forwarding", {"destinations": "mine@x.example"}, *FORWARDS
    ),
    "own forwarding": Thing(
        "/me/forwarding/", "own-forwarding", {"destinations": "mine@x.example"}, *FORWARDS, f"anna@{FULL}"
    ),
    "vacation": Thing(f"{ANNA}vacation/", "change-vacation", {"subject": "Mine"}, *MESSAGE),
    "own vacation": Thing("/me/vacation/", "own-vacation", {"subject": "Mine"}, *MESSAGE, f"anna@{FULL}"),
    "end of a vacation": Thing(f"{ANNA}vacation/", "end-vacation", {}, *MESSAGE),
    "default delivery": Thing(f"/domains/{FULL}/delivery/", "delivery", {"unknown": "delete"}, *CATCH_ALL),
    "limits": Thing(
        f"/domains/{FULL}/limits/",
        "limits",
        {"maxaliases": "number", "maxaliases_number": "77"},
        *_limits(20),
    ),
    "limits of a domain deleted": Thing(
        f"/domains/{FULL}/limits/defaults/", "delete-limits", {}, *_limits(50)
    ),
    "default limits": Thing(
        "/server/limits/",
        "default-limits",
        {"maxaliases": "number", "maxaliases_number": "77"},
        lambda stage: _defaults(stage).write_text("maxaliases 3\n"),
        lambda stage: _defaults(stage).read_text(),
    ),
    "autoresponder": Thing(
        f"/domains/{FULL}/autoresponders/answers/", "autoresponder", {"subject": "Mine"}, *ANSWERS
    ),
    "IP address": Thing(
        "/server/ip-map/192.0.2.7/",
        "change-ip",
        {"domain": "example.net"},
        lambda stage: execute("UPDATE ip_alias_map SET domain = 'bare.example'"),
        _mapped,
    ),
    "administrator": Thing(
        "/server/administrators/clerk/",
        "administrator",
        {"superuser": "on", "confined": ""},
        lambda stage: User.objects.filter(username="clerk").update(email="other@example.org"),
        _clerk,
    ),
    "disabling": Thing(f"{ANNA}disable/", "disable-account", {}, *FLAGS),
}


@pytest.fixture
def stage(store: Store, admin: Any) -> Stage:
    return Stage(store, admin)


def _form(browser: Client, thing: Thing) -> Form:
    found = [form for form in forms_of(browser, thing.page) if form.route == thing.route]
    assert found, f"no form for {thing.route} on {thing.page}"
    return found[0]


@pytest.mark.stores("sqlite", "perdomain")
def test_the_second_is_told(stage: Stage) -> None:
    wrong = []
    for name, thing in THINGS.items():
        browser = stage.people[thing.who]
        form = _form(browser, thing)
        thing.other(stage)
        written, entries = thing.stands(stage), Entry.objects.filter(state="ok").count()
        answer = send(browser, form, **thing.typed)
        page = answer.content.decode()
        if answer.status_code != 200 or "meanwhile" not in page:
            wrong.append(f"{name}: {answer.status_code}, and nothing is said")
        if thing.stands(stage) != written:
            wrong.append(f"{name}: {written!r} was overwritten by {thing.stands(stage)!r}")
        if Entry.objects.filter(state="ok").count() != entries:
            wrong.append(f"{name}: the journal says that it was done")
    assert not wrong, "\n".join(wrong)
