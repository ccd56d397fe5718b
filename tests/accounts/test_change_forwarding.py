"""Where an account's mail goes: the page, its file, and who may say so."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings

from accounts import forwarding_services, services
from aliasdomains import services as aliasdomains
from audit.models import Entry
from domains.services import change_limits
from tests.accounts.base import (
    ACCOUNTS,
    DOMAIN,
    PASSWORD,
    check_looking,
    check_rights,
    error_of,
    last_entry,
    state_of,
)
from tests.store import GID, UID, Store
from vpopmail.engines.base import Unavailable
from vpopmail.schema import schema

URL = f"{ACCOUNTS}anna/forwarding/"
BOB = "bob@elsewhere.example"


def file_of(store: Store, name: str = "anna") -> Path:
    return store.directory(DOMAIN) / name / ".qmail"


def maildir(store: Store) -> str:
    return f"{store.directory(DOMAIN)}/anna/Maildir/"


def put(store: Store, *lines: str) -> None:
    """The file as somebody else leaves it."""
    file = file_of(store)
    file.write_bytes("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
    if os.geteuid() == 0:
        os.chown(file, UID, GID)


def posted(client: Client, **changes: Any) -> dict[str, str]:
    """What the form sends back when nothing but `changes` is typed; False leaves a box empty."""
    form = client.get(URL).context["form"]
    values = {name: form[name].value() for name in form.fields} | changes
    return {
        name: "on" if value is True else str(value) for name, value in values.items() if value is not False
    }


def post(client: Client, **changes: Any) -> Any:
    return client.post(URL, posted(client, **changes))


def forward(client: Client, text: str, keep: bool = True) -> Any:
    return post(client, mode="forward", destinations=text, keep_copy=keep)


def test_it_works(example: Store, signed_in: Client) -> None:
    """Forward with a copy, without one, throw away, and back into the mailbox: files as qmailadmin's."""
    file = file_of(example)
    assert forward(signed_in, f"{BOB}, carol@Elsewhere.Example")["Location"] == f"{ACCOUNTS}anna/"
    lines = [f"&{BOB}", "&carol@elsewhere.example", *kept(example)]
    assert file.read_text().splitlines() == lines
    assert file.stat().st_mode & 0o777 == 0o600
    entry = last_entry()
    assert (entry.action, entry.changes) == ("dotqmail", {"forwarding": [None, lines]})
    assert (
        entry.command == f"manage.py dotqmail --to {BOB} --to carol@elsewhere.example --copy anna@example.com"
    )
    forward(signed_in, BOB, keep=False)
    assert file.read_text() == f"&{BOB}\n"
    post(signed_in, mode="blackhole")
    assert file.read_text() == "# delete\n"
    post(signed_in, mode="mailbox")
    assert not file.exists() and last_entry().changes == {"forwarding": [["# delete"], None]}


def kept(store: Store) -> list[str]:
    """The line that keeps a copy: none of the tests' builds has a delivery of its own beside vpopmail's."""
    return [maildir(store)]


@pytest.mark.stores("sqlite", "many")
def test_the_servers_own_delivery_keeps_the_copy(example: Store, signed_in: Client) -> None:
    """Where vpopmail obeys control/defaultdelivery, that is what delivers, and not the Maildir as well."""
    lda = "|/var/qmail/bin/preline -f /usr/lib/dovecot/dovecot-lda -d $EXT@$USER"
    (example.qmail / "control/defaultdelivery").write_text(f"{lda}\n")
    obeys = "DEFAULT_DELIVERY" in schema().options
    forward(signed_in, BOB)
    assert file_of(example).read_text().splitlines() == [f"&{BOB}", lda if obeys else maildir(example)]


def _written(file: Path) -> tuple[int, int, int] | None:
    if not file.exists():
        return None
    status = file.stat()
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns


ANYTHING = (
    (),
    (f"&{BOB}",),
    (BOB, "./Maildir/", "# by hand"),
    ("# delete",),
    ("# a note",),
    ("|/usr/bin/spam-filter", "&caf\udce9", ""),
    (f"&{BOB}", "|/bin/true delete", "| /usr/bin/autorespond 86400 3 x x"),
    (f"&{BOB}", f"&{BOB}", "./Maildir/", "./Maildir/"),
    ("|/usr/bin/maildrop",),
)


@pytest.mark.stores("sqlite")
def test_unchanged_changes_nothing(example: Store, signed_in: Client) -> None:
    for lines in ANYTHING:
        if lines:
            put(example, *lines)
        before, file = state_of(example), file_of(example)
        written = _written(file)
        answer = signed_in.post(URL, posted(signed_in), follow=True)
        assert "Nothing was changed" in answer.content.decode(), lines
        assert state_of(example) == before, lines
        assert _written(file) == written, lines


def test_what_is_not_ours_stays_and_is_shown_escaped(example: Store, signed_in: Client) -> None:
    put(example, "|/usr/bin/filter '<b>'", "&caf\udce9@x", "# by hand", maildir(example))
    page = signed_in.get(URL).content.decode()
    assert "|/usr/bin/filter &#x27;&lt;b&gt;&#x27;" in page and "&amp;caf�@x" in page
    forward(signed_in, BOB, keep=False)
    assert file_of(example).read_bytes() == (
        b"|/usr/bin/filter '<b>'\n&caf\xe9@x\n# by hand\n&bob@elsewhere.example\n"
    )
    entry = last_entry()
    json.dumps(entry.changes, ensure_ascii=False).encode()  # MariaDB takes nothing else
    for url in (f"{ACCOUNTS}anna/", f"/activity/{entry.key}/", "/activity/"):
        assert signed_in.get(url).status_code == 200
    assert signed_in.post(f"/activity/{entry.key}/revert/").status_code == 302
    assert b"&caf\xe9@x\n" in file_of(example).read_bytes() and last_entry().changes["reverts"] == entry.key


def test_changed_meanwhile(example: Store, signed_in: Client) -> None:
    """The second writer is told, keeps what was typed, and sees what stands now."""
    typed = "eve@elsewhere.example"
    seen = posted(signed_in, mode="forward", destinations=typed, keep_copy=True)
    put(example, "&somebody@else.example")
    response = signed_in.post(URL, seen)
    page = response.content.decode()
    assert response.status_code == 200 and "changed by somebody else" in page
    assert typed in page and "somebody<wbr>@else.<wbr>example" in page
    assert file_of(example).read_text() == "&somebody@else.example\n"
    again = {**seen, "seen": response.context["form"]["seen"].value()}
    assert signed_in.post(URL, again).status_code == 302
    assert file_of(example).read_text().splitlines()[0] == f"&{typed}"


def test_changed_between_reading_and_writing(
    example: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = posted(signed_in, mode="forward", destinations=BOB, keep_copy=False)
    real = forwarding_services.perform

    def meanwhile(*args: Any, **more: Any) -> Any:
        put(example, "&somebody@else.example")
        return real(*args, **more)

    monkeypatch.setattr(forwarding_services, "perform", meanwhile)
    assert "meanwhile" in signed_in.post(URL, sent).content.decode()
    assert file_of(example).read_text() == "&somebody@else.example\n"
    assert last_entry().state == "failed"


BAD = (
    "",
    "bob",
    "bob@",
    "@elsewhere.example",
    "|/bin/sh",
    "a@b.example\n|/bin/sh",
    "/var/mail/bob",
    "./Maildir/",
    "a@b.example\0",
    "a@b@",
    "Bob <bob@elsewhere.example>",
    "bob@nodot",
    "-x@elsewhere.example",
    "bøb@elsewhere.example",
    "x" * 20_001,
    f"{'x' * 500}@elsewhere.example",
)


@pytest.mark.stores("sqlite")
def test_bad_input(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    for text in BAD:
        response = forward(signed_in, text)
        assert error_of(response, "destinations"), text
        assert response.context["form"]["destinations"].value() == text
    assert state_of(example) == before


@pytest.mark.stores("sqlite")
def test_what_is_typed_for_another_choice_does_not_count(example: Store, signed_in: Client) -> None:
    assert post(signed_in, mode="blackhole", destinations="rubbish").status_code == 302
    assert file_of(example).read_text() == "# delete\n"
    assert error_of(post(signed_in, mode="elsewhere"), "mode")


def test_no_circle(example: Store, signed_in: Client, admin: Any, add_alias: Callable[..., None]) -> None:
    """Not to itself, by any of its names, nor through an alias or another account that forwards back."""
    aliasdomains.add_alias_domain(actor=admin, real=DOMAIN, alias="example.net")
    services.add_account(actor=admin, domain=DOMAIN, name="carol", password=PASSWORD)
    forwarding_services.change_forwarding(
        actor=admin, domain=DOMAIN, name="carol", destinations=["anna@example.net"]
    )
    add_alias("office", "&anna@example.com")
    for address in ("anna@example.com", "ANNA@example.net", "office@example.net", "carol@example.com"):
        assert "circle" in error_of(forward(signed_in, f"{BOB} {address}"), "destinations"), address
    assert not file_of(example).exists()


@pytest.mark.stores("sqlite")
def test_a_postmaster_is_bound_and_an_administrator_warned(
    example: Store, signed_in: Client, admin: Any
) -> None:
    postmaster = Client()
    postmaster.post("/sign-in/", {"username": "postmaster@example.com", "password": PASSWORD})
    many = " ".join(f"a{n}@elsewhere.example" for n in range(6))
    assert "5 addresses" in error_of(forward(postmaster, many), "destinations")
    with override_settings(FORWARDING_DESTINATIONS=6):
        assert forward(postmaster, many).status_code == 302
    # What is there may stay, and become less.
    assert forward(postmaster, many, keep=False).status_code == 302
    assert forward(postmaster, many.rpartition(" ")[0]).status_code == 302
    assert (
        "at most" in signed_in.post(URL, posted(signed_in, destinations=many), follow=True).content.decode()
    )
    post(signed_in, mode="mailbox")
    change_limits(actor=admin, domain=DOMAIN, changes={"maxforwards": 0})
    assert "may not forward" in error_of(forward(postmaster, BOB), "destinations")
    assert (
        "may not forward"
        in signed_in.post(
            URL, posted(signed_in, mode="forward", destinations=BOB), follow=True
        ).content.decode()
    )


@pytest.mark.stores("sqlite")
def test_a_file_that_is_no_plain_one_is_left_alone(example: Store, signed_in: Client) -> None:
    file = file_of(example)
    target = example.directory(DOMAIN) / "elsewhere"
    target.write_text("&a@b.example\n")
    for make in (lambda: file.symlink_to(target), lambda: file.write_text("x" * 10_000_000), file.mkdir):
        make()
        page = signed_in.get(URL).content.decode()
        assert "may not read" in page and "<textarea" not in page
        answer = signed_in.post(URL, {"mode": "forward", "destinations": BOB, "seen": ""})
        assert "leaves it alone" in answer.content.decode()
        assert signed_in.get(f"{ACCOUNTS}anna/").status_code == 200
        file.rmdir() if file.is_dir() else file.unlink()
    assert target.read_text() == "&a@b.example\n" and not Entry.objects.filter(action="dotqmail").exists()


@pytest.mark.stores("sqlite")
def test_engine_fails(example: Store, signed_in: Client, broken_engine: Callable[..., None]) -> None:
    broken_engine("dotqmail", Unavailable("The disk is full."))
    response = forward(signed_in, BOB)
    assert response.status_code == 503 and "The disk is full." in response.content.decode()
    assert BOB in response.content.decode() and not file_of(example).exists()
    assert last_entry().state == "failed"


@pytest.mark.stores("sqlite")
def test_rights(example: Store, person: Client, allow: Callable[..., Client]) -> None:
    check_rights(URL, person)
    assert allow("view_domain", "view_account", "change_account").get(URL).status_code == 403
    client = allow("view_domain", "view_account", "change_forwarding")
    assert client.get(URL).status_code == 200 and forward(client, BOB).status_code == 302


@pytest.mark.stores("sqlite")
def test_unknown(example: Store, signed_in: Client) -> None:
    assert signed_in.get(f"{ACCOUNTS}nobody/forwarding/").status_code == 404


@pytest.mark.stores("sqlite")
def test_looking_changes_nothing(example: Store, signed_in: Client) -> None:
    put(example, f"&{BOB}")
    assert f"manage.py dotqmail --to {BOB} --no-copy anna@example.com" in check_looking(
        example, URL, signed_in
    )


WORDS = {
    "New mail goes into the mailbox": [],
    "Keeps a copy and forwards to:": [f"&{BOB}", "./Maildir/"],
    "Keeps no copy and forwards to:": [f"&{BOB}"],
    "is thrown away": ["# delete"],
    "were not written by this panel": ["|/usr/bin/prog"],
    "arrives twice": ["./Maildir/", "./Maildir/"],
    "a copy to nobody": ["", "./Maildir/"],
    "cannot deliver by this line: |/home/vpopmail/bin/vdeliv": ["|/home/vpopmail/bin/vdelivermail '' delete"],
    "cannot deliver by this line: ./Mailbox": [f"&{BOB}", "./Mailbox"],
}


@pytest.mark.stores("sqlite")
def test_the_account_says_where_its_mail_goes(example: Store, signed_in: Client) -> None:
    for words, lines in WORDS.items():
        if lines:
            put(example, *lines)
        assert words in signed_in.get(f"{ACCOUNTS}anna/").content.decode(), words


@pytest.mark.stores("sqlite")
def test_local_destinations_that_do_not_exist_are_marked(example: Store, signed_in: Client) -> None:
    put(example, "&nobody@example.com", "&postmaster@example.com", "./Maildir/")
    page = signed_in.get(f"{ACCOUNTS}anna/").content.decode()
    assert page.count("Does not exist") == 1


def test_the_list_says_where_mail_goes(example: Store, signed_in: Client) -> None:
    put(example, f"&{BOB}", "&c@elsewhere.example", "./Maildir/")
    page = signed_in.get(f"/domains/{DOMAIN}/").content.decode()
    cell = 'bob<wbr>@elsewhere.<wbr>example</span><div class="under">and 1 more, keeps a copy</div>'
    assert cell in page
    if example.kind != "perdomain":
        assert cell in signed_in.get("/accounts/?q=anna@").content.decode()
