"""Autoresponders of a domain: added, listed, changed, deleted; in the table and in files."""

from typing import Any

import pytest
from django.test import Client

from accounts import robot_services, services
from accounts.robot_services import Wanted, add_autoresponder, change_autoresponder, delete_autoresponder
from audit.models import Entry
from domains.services import change_limits
from tests.accounts.base import ALIASES, DOMAIN, PASSWORD, error_of, last_entry
from tests.store import Store
from vpopmail.aliases import get_alias
from vpopmail.engines.base import Changed, NotFound, Refused
from vpopmail.robots import robots_of

URL = f"/domains/{DOMAIN}/autoresponders/"


def add(name: str = "help", subject: str = "Got it", text: str = "We answer soon.", *forwards: str) -> Any:
    return add_autoresponder(actor=None, domain=DOMAIN, name=name, wanted=Wanted(subject, text, forwards))


def change(*args: Any, expected: str | None = None) -> Any:
    wanted = Wanted(args[0], args[1], tuple(args[2:]))
    return change_autoresponder(actor=None, domain=DOMAIN, name="help", wanted=wanted, expected=expected)


def lines(name: str = "help") -> list[str]:
    return [line.line for line in get_alias(DOMAIN, name)]


def line(store: Store, program: str, name: str = "help") -> str:
    folder = store.directory(DOMAIN) / name.upper()
    return f"|{program} 10000 5 {folder}/message {folder}"


def message(store: Store, name: str = "HELP") -> str:
    return (store.directory(DOMAIN) / name / "message").read_text()


def _one_that_comes_and_goes(store: Store, program: str) -> None:
    add("help", "Got it", "We answer soon.", "anna@example.com")
    assert lines() == [line(store, program), "&anna@example.com"]
    assert message(store) == "From: help@example.com\nSubject: Got it\n\nWe answer soon.\n"
    assert last_entry().changes == {
        "subject": [None, "Got it"],
        "text": [None, "We answer soon."],
        "forwards": [None, ["anna@example.com"]],
    }
    [found] = robots_of(DOMAIN).rows
    assert (found.name, found.forwards, found.is_ours) == ("help", ("anna@example.com",), True)
    change("Grüße", "Bis bald – wir", "bob@x.example")
    assert lines() == [line(store, program), "&bob@x.example"] and "charset=utf-8" in message(store)
    assert last_entry().changes["forwards"] == [["anna@example.com"], ["bob@x.example"]]
    delete_autoresponder(actor=None, domain=DOMAIN, name="help")
    assert lines() == [] and not (store.directory(DOMAIN) / "HELP").exists()
    assert not robots_of(DOMAIN).rows


def test_in_the_table(example: Store, program: str) -> None:
    _one_that_comes_and_goes(example, program)
    if example.kind == "many":
        add()
        rows = example.rows("SELECT valias_type FROM valias WHERE alias = 'help'")
        assert rows == [{"valias_type": 0}]  # as vpopmail does for programs


def test_in_files(in_files: Store, program: str) -> None:
    _one_that_comes_and_goes(in_files, program)
    add()
    file = in_files.directory(DOMAIN) / ".qmail-help"
    assert file.read_text() == line(in_files, program) + "\n"


@pytest.mark.stores("sqlite")
def test_nothing_is_written_without_a_change(example: Store, program: str) -> None:
    add("help", "Got it", "We answer.", "anna@example.com")
    before, count = message(example), Entry.objects.count()
    time = (example.directory(DOMAIN) / "HELP/message").stat().st_mtime_ns
    change("Got it", "We answer.\r\n", "anna@example.com")
    assert (message(example), Entry.objects.count()) == (before, count)
    assert (example.directory(DOMAIN) / "HELP/message").stat().st_mtime_ns == time


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    ("name", "more", "field"),
    [
        ("anna", {}, "name"),
        ("taken", {}, "name"),
        ("x", {}, "name"),
        ("123", {}, "name"),
        ("help", {"subject": ""}, "subject"),
        ("help", {"text": ""}, "text"),
        ("help", {"forwards": ("help@example.com",)}, "forwards"),
        ("help", {"forwards": ("nobody",)}, "forwards"),
    ],
)
def test_what_cannot_be_is_refused(
    example: Store, program: str, add_alias: Any, name: str, more: dict[str, Any], field: str
) -> None:
    add_alias("taken", "&anna@example.com")
    values: dict[str, Any] = {"subject": "Got it", "text": "Text", "forwards": ()} | more
    with pytest.raises(Refused) as caught:
        add(name, values["subject"], values["text"], *values["forwards"])
    assert caught.value.field == field
    assert not (example.directory(DOMAIN) / name.upper() / "message").exists()
    if name not in ("taken",):
        assert lines(name) == []


@pytest.mark.stores("sqlite", "many")
def test_the_second_writer_is_told(example: Store, program: str) -> None:
    add()
    token = robot_services.find_robot(DOMAIN, "help").token
    services.add_alias(actor=None, domain=DOMAIN, alias="help", line="&x@elsewhere.example")
    with pytest.raises(Changed):
        change("New", "Text", expected=token)
    token = robot_services.find_robot(DOMAIN, "help").token
    (example.directory(DOMAIN) / "HELP/message").write_text("Subject: theirs\n\nx\n")
    with pytest.raises(Changed):
        change("New", "Text", expected=token)
    assert "theirs" in message(example)


@pytest.mark.stores("sqlite")
def test_other_lines_and_headers_stay(example: Store, program: str) -> None:
    add()
    maildir = f"{example.directory(DOMAIN)}/anna/Maildir/"
    services.add_alias(actor=None, domain=DOMAIN, alias="help", line=maildir)
    (example.directory(DOMAIN) / "HELP/message").write_text(
        "From: Help <help@example.com>\nSubject: Hi\nReply-To: anna@example.com\nMIME-Version: 1.0\n\nText\n"
    )
    change("Hello", "Text", "bob@x.example")
    assert lines() == [line(example, program), maildir, "&bob@x.example"]
    assert message(example).startswith(
        "From: Help <help@example.com>\nSubject: Hello\nReply-To: anna@example.com\n"
    )


@pytest.mark.stores("sqlite")
def test_one_made_by_hand_is_shown_and_left_alone(example: Store, program: str, signed_in: Client) -> None:
    services.add_alias(
        actor=None, domain=DOMAIN, alias="odd", line="|/opt/autorespond 1 1 /srv/message /srv/log"
    )
    assert "Made by hand" in signed_in.get(URL).content.decode()
    assert "left alone" not in signed_in.get(URL).content.decode()
    reply = signed_in.post(f"{URL}odd/", {"subject": "a", "text": "b", "seen": "x"})
    assert "leaves alone" in reply.content.decode() and lines("odd")[0].startswith("|/opt/")
    signed_in.post(f"{URL}odd/delete/")
    assert lines("odd")


@pytest.mark.stores("sqlite", "perdomain")
def test_the_domain_s_limits_hold(example: Store, program: str) -> None:
    postmaster = Client()
    sign_in = {"username": "postmaster@example.com", "password": PASSWORD}
    assert postmaster.post("/sign-in/", sign_in).status_code == 302
    change_limits(actor=None, domain=DOMAIN, changes={"maxautoresponders": 1})
    new = {"name": "help", "subject": "Got it", "text": "Soon", "forwards": "", "seen": ""}
    assert postmaster.post(f"{URL}add/", new)["Location"] == URL
    reply = postmaster.post(f"{URL}add/", new | {"name": "info"})
    assert "may have 1 autoresponder" in error_of(reply, "name")
    assert add("info").warnings  # an administrator is only warned


@pytest.mark.stores("sqlite")
def test_the_pages(example: Store, program: str, signed_in: Client) -> None:
    assert "No autoresponders yet" in signed_in.get(URL).content.decode()
    new = {
        "name": "Help",
        "subject": "<b>Got</b>",
        "text": "Soon",
        "forwards": "anna@example.com",
        "seen": "",
    }
    assert signed_in.post(f"{URL}add/", new)["Location"] == URL
    page = signed_in.get(URL).content.decode()
    assert "&lt;b&gt;Got" in page and "<b>Got" not in page and f'href="{URL}help/"' in page
    opened = signed_in.get(f"{URL}help/")
    form = opened.context["form"]
    sent = {name: form[name].value() for name in form.fields}
    count = Entry.objects.count()
    assert signed_in.post(f"{URL}help/", sent)["Location"] == URL and Entry.objects.count() == count
    assert signed_in.post(f"{URL}help/", sent | {"text": "Later"})["Location"] == URL
    assert "Later" in message(example)
    reply = signed_in.post(f"{URL}help/", sent | {"text": "Never"})  # as it was opened before
    assert "by somebody else" in reply.content.decode() and "Later" in message(example)
    assert "The autoresponder with its text" in signed_in.get(f"{URL}help/delete/").content.decode()
    assert signed_in.post(f"{URL}help/delete/")["Location"] == URL and lines() == []
    assert signed_in.get(f"{URL}help/").status_code == 404
    assert signed_in.get(ALIASES).status_code == 200


@pytest.mark.stores("sqlite")
def test_many_have_pages(example: Store, program: str, signed_in: Client) -> None:
    for number in range(55):
        services.add_alias(actor=None, domain=DOMAIN, alias=f"r{number:02d}", line="|/x/autorespond 1 1 a b")
    page = robots_of(DOMAIN, limit=50)
    assert len(page.rows) == 50 and page.next_after == "r49"
    assert [robot.name for robot in robots_of(DOMAIN, after="r49").rows] == [f"r{n}" for n in range(50, 55)]
    assert "r49" in signed_in.get(URL).content.decode()


@pytest.mark.stores("sqlite")
def test_unknown(example: Store, program: str) -> None:
    with pytest.raises(NotFound):
        delete_autoresponder(actor=None, domain=DOMAIN, name="nobody")


@pytest.mark.stores("sqlite", "many")
def test_what_the_domain_s_mask_denies_is_not_offered(example: Store, program: str) -> None:
    add()
    services.change_account(actor=None, domain=DOMAIN, name="anna", set_flags=0x1000)
    change_limits(actor=None, domain=DOMAIN, changes={"perm_autoresponder": 7})
    anna = Client()
    anna.post("/sign-in/", {"username": "anna@example.com", "password": PASSWORD})
    page = anna.get(URL).content.decode()
    assert "help" in page and f"{URL}add/" not in page and f'href="{URL}help/"' not in page
    new = {"name": "info", "subject": "Got it", "text": "Soon", "forwards": "", "seen": ""}
    assert "only the postmaster" in anna.post(f"{URL}add/", new).content.decode()
    assert "only the postmaster" in anna.post(f"{URL}help/", new).content.decode()
    anna.post(f"{URL}help/delete/")
    assert lines("info") == [] and lines("help")
