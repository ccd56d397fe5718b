"""The tab Delivery: what happens to mail for unknown addresses, as seen and as changed in the browser."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts import services as accounts
from aliasdomains import services as aliasdomains
from audit.models import Entry
from domains import services
from tests.pages import error_of
from tests.store import GID, UID, Store
from vpopmail.delivery import CHECKS, recipient_check

URL = "/domains/example.com/delivery/"
PASSWORD = "Correct-Horse-7"


def file(store: Store) -> Path:
    return store.directory("example.com") / ".qmail-default"


def put(store: Store, text: str | bytes, domain: str = "example.com") -> None:
    """As another program writes it."""
    path = store.directory(domain) / ".qmail-default"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if os.geteuid() == 0:
        os.chown(path, UID, GID)


def line(store: Store, argument: str) -> str:
    return f"| {store.home}/bin/vdelivermail '' {argument}"


def values(client: Client) -> dict[str, Any]:
    """What a browser sends when nothing was touched."""
    form = client.get(URL).context["form"]
    found = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in found.items() if value not in (None, False)}


def save(client: Client, **fields: str) -> Any:
    return client.post(URL, values(client) | fields)


def state(store: Store) -> tuple[Any, ...]:
    status = os.lstat(file(store))
    return status.st_ino, status.st_mtime_ns, status.st_size, Entry.objects.count()


@pytest.fixture
def anna(example: Store, admin: Any) -> Store:
    """example.com with anna, the alias info and the alias domain example.net; other.example."""
    accounts.add_account(actor=admin, domain="example.com", name="anna", password=PASSWORD)
    accounts.add_alias(actor=admin, domain="example.com", alias="info", line="&x@elsewhere.example")
    aliasdomains.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    services.add_domain(actor=admin, domain="other.example", password=PASSWORD)
    return example


CHOICES = {
    "delete": ({"unknown": "delete"}, "delete"),
    "account": ({"unknown": "account", "account": "Anna"}, "anna@example.com"),
    "address": ({"unknown": "address", "address": "x@elsewhere.example"}, "x@elsewhere.example"),
    "alias": ({"unknown": "address", "address": "info@example.com"}, "info@example.com"),
    "other": ({"unknown": "other", "other": "other.example"}, "$EXT@other.example"),
    "outside": ({"unknown": "other", "other": "müller.example"}, "$EXT@xn--mller-kva.example"),
}


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.stores("sqlite")
def test_each_choice_is_written_as_vpopmail_and_qmailadmin_do(
    anna: Store, signed_in: Client, choice: str
) -> None:
    fields, argument = CHOICES[choice]
    before = file(anna).read_text()
    answer = save(signed_in, **fields)
    assert (answer.status_code, answer["Location"]) == (302, URL)
    assert file(anna).read_text() == line(anna, argument) + "\n"
    assert file(anna).stat().st_mode & 0o777 == 0o600
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.target, entry.state) == ("vmakedotqmail", "example.com", "ok")
    assert entry.changes == {"delivery": [[before.strip()], [line(anna, argument)]]}
    assert "saved" in signed_in.get(URL).content.decode()
    assert save(signed_in, unknown="bounce").status_code == 302
    assert file(anna).read_text() == before


def test_it_works(anna: Store, signed_in: Client) -> None:
    assert save(signed_in, unknown="account", account="anna").status_code == 302
    assert file(anna).read_text() == line(anna, "anna@example.com") + "\n"
    page = signed_in.get(URL)
    assert "It goes to anna@example.com." in page.content.decode()
    assert page.context["form"]["account"].value() == "anna"
    assert "vmakedotqmail -d example.com -q anna@example.com" in page.content.decode()


FORMS = {
    "bounce": ("{call}bounce-no-mailbox", "It is bounced"),
    "delete": ("{call}delete", "It is deleted"),
    "account": ("{call}anna@example.com", "It goes to anna@example.com"),
    "address": ("{call}x@elsewhere.example", "It goes to x@elsewhere.example"),
    "domain": ('{call}"$EXT"@other.example', "It goes to the same name at other.example"),
    "directory": ("{call}{D}/anna", "past quota and lock"),
    "mistyped": ("{call}bounce", "was probably mistyped"),
    "broken": ("{call}delete extra", "waits and then bounces"),
    "remark": ("# nothing", "vanishes"),
    "foreign": ("|/usr/lib/dovecot/dovecot-lda -d $EXT@$USER", "Another program"),
    "without newline": ("{call}delete", "It is deleted"),
    "not UTF-8": ("|/usr/bin/filter caf\xe9", "Another program"),
    "beside": ("|/usr/bin/filter\n# note\n{call}delete\n", "It is deleted"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.stores("sqlite")
def test_every_form_is_told_and_saving_it_unchanged_changes_nothing(
    anna: Store, signed_in: Client, form: str
) -> None:
    text, words = FORMS[form]
    text = text.format(call=line(anna, ""), D=anna.directory("example.com"))
    end = "" if form == "without newline" or text.endswith("\n") else "\n"
    put(anna, (text + end).encode("latin-1"))
    before = state(anna)
    page = signed_in.get(URL).content.decode()
    assert words in page
    assert "Nothing was changed" in signed_in.post(URL, values(signed_in), follow=True).content.decode()
    assert state(anna) == before


@pytest.mark.stores("sqlite")
def test_lines_of_others_stay_where_they_are(anna: Store, signed_in: Client) -> None:
    text = "# note\n|/usr/bin/filter  caf\xe9\n{}\n\n&copy@elsewhere.example\n"
    put(anna, text.format(line(anna, "delete")).encode("latin-1"))
    assert save(signed_in, unknown="bounce").status_code == 302
    assert file(anna).read_bytes().decode("latin-1") == text.format(line(anna, "bounce-no-mailbox"))
    journal = signed_in.get(f"/activity/{Entry.objects.latest('id').key}/")
    assert journal.status_code == 200 and "caf�" in journal.content.decode()


@pytest.mark.stores("sqlite")
def test_another_programs_line_is_replaced_when_an_administrator_says_so(
    anna: Store, signed_in: Client, allow: Callable[..., Client]
) -> None:
    put(anna, "|/usr/bin/lda\n")
    before = state(anna)
    assert "replaced" in error_of(save(signed_in, unknown="bounce"), "replace")
    postmaster = allow("view_domain", "change_delivery")
    assert 'name="replace"' not in (page := postmaster.get(URL).content.decode())
    assert "/usr/bin/lda" in page
    answer = postmaster.post(URL, values(postmaster) | {"unknown": "bounce", "replace": "on"})
    assert "only an administrator" in error_of(answer, "__all__")
    assert state(anna) == before
    assert save(signed_in, unknown="bounce", replace="on").status_code == 302
    assert file(anna).read_text() == line(anna, "bounce-no-mailbox") + "\n"


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"unknown": "account"}, "account", "Type the name"),
        ({"unknown": "account", "account": "nobody"}, "account", "There is no nobody@example.com"),
        ({"unknown": "address", "address": "nobody@other.example"}, "address", "There is no nobody@other"),
        ({"unknown": "address", "address": "nobody"}, "address", "has a name, an @ and a domain"),
        ({"unknown": "address", "address": "$(id)@elsewhere.example"}, "address", ""),
        ({"unknown": "other", "other": "example.com"}, "other", "this domain itself"),
        ({"unknown": "other", "other": "example.net"}, "other", "this domain itself"),
        ({"unknown": "other", "other": "a b"}, "other", ""),
        ({"unknown": "else"}, "unknown", ""),
        ({"unknown": "address", "address": "o'neill@elsewhere.example"}, "unknown", "plain address"),
    ],
)
def test_bad_input_is_told_beside_its_field(
    anna: Store, signed_in: Client, fields: dict[str, str], field: str, words: str
) -> None:
    before = state(anna)
    if fields.get("address", "").startswith("o'"):
        answer = save(signed_in, **fields)
        assert answer.status_code == 200 and state(anna) == before
        return
    assert words in error_of(save(signed_in, **fields), field)
    assert state(anna) == before


def test_circles_are_refused(anna: Store, signed_in: Client, admin: Any) -> None:
    put(anna, line(anna, "$EXT@example.net") + "\n", "other.example")
    accounts.add_alias(actor=admin, domain="other.example", alias="back", line="&lost@example.com")
    box = next(anna.directory("example.com").glob("**/anna"))
    (box / ".qmail").write_text("&nobody@example.net\n")
    os.chown(box / ".qmail", UID, GID) if os.geteuid() == 0 else None
    before = state(anna)
    words = "in a circle"
    assert words in error_of(save(signed_in, unknown="other", other="other.example"), "other")
    assert words in error_of(save(signed_in, unknown="address", address="back@other.example"), "address")
    assert words in error_of(save(signed_in, unknown="address", address="anna@example.com"), "address")
    assert state(anna) == before


def test_the_second_writer_is_told(anna: Store, signed_in: Client) -> None:
    sent = values(signed_in) | {"unknown": "delete"}
    put(anna, "|/usr/bin/filter\n" + line(anna, "anna@example.com") + "\n")
    before = state(anna)
    answer = signed_in.post(URL, sent)
    assert "changed by somebody else" in error_of(answer, "__all__")
    assert state(anna) == before
    assert "/usr/bin/filter" in answer.content.decode()
    again = {name: answer.context["form"][name].value() or "" for name in ("unknown", "seen")}
    assert signed_in.post(URL, again).status_code == 302
    assert file(anna).read_text() == "|/usr/bin/filter\n" + line(anna, "delete") + "\n"


@pytest.mark.stores("sqlite")
def test_who_may_look_does_not_change(anna: Store, allow: Callable[..., Client]) -> None:
    viewer = allow("view_domain")
    page = viewer.get(URL).content.decode()
    assert "It is bounced" in page and "Save delivery" not in page
    before = state(anna)
    assert viewer.post(URL, {"unknown": "delete", "seen": ""}).status_code == 403
    assert state(anna) == before
    assert viewer.get("/domains/example.net/delivery/")["Location"] == URL
    assert viewer.get("/domains/unknown.example/delivery/").status_code == 404


@pytest.mark.stores("sqlite")
def test_a_file_that_is_missing_is_made(anna: Store, signed_in: Client) -> None:
    file(anna).unlink()
    assert "no address of this domain gets mail" in signed_in.get(URL).content.decode()
    assert save(signed_in, unknown="bounce").status_code == 302
    assert file(anna).read_text() == line(anna, "bounce-no-mailbox") + "\n"
    assert Entry.objects.latest("id").changes["delivery"][0] is None


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("kind", ["link", "long"])
def test_what_cannot_be_read_is_left_alone(anna: Store, signed_in: Client, kind: str) -> None:
    sent = values(signed_in) | {"unknown": "delete"}
    if kind == "link":
        file(anna).rename(file(anna).with_name("elsewhere"))
        file(anna).symlink_to("elsewhere")
    else:
        put(anna, "# long\n" * 1_500_000)
    before = state(anna)
    page = signed_in.get(URL).content.decode()
    assert "may not read" in page and "Save delivery" not in page
    assert "left alone" in error_of(signed_in.post(URL, sent), "__all__")
    assert state(anna) == before


# --- what is done before and after ---


@pytest.mark.stores("many", "sqlite")
def test_default_delivery_is_understood(anna: Store, signed_in: Client) -> None:
    control = anna.qmail / "control" / "defaultdelivery"
    control.write_text("| preline -f /usr/lib/dovecot/deliver -d $EXT@$USER\n")
    page = signed_in.get(URL).content.decode()
    if anna.kind == "sqlite":
        assert "within its quota" in page and "preline" not in page
        return
    assert "/usr/lib/dovecot/deliver" in page and "does not look at the quota" in page
    control.write_text(f"| {anna.home}/bin/vdelivermail '' delete\n")
    assert "within its quota" in signed_in.get(URL).content.decode()


WORDS = {
    "chkuser-always": ("of every domain", "", "nothing of it arrives"),
    "chkuser-domain": ("in domains that bounce it", "", ""),
    "chkuser": ("could not be read", "forged", ""),
    "vrcptcheck": ("vrcptcheck refuses", "", "nothing of it arrives"),
    "validrcptto": ("validrcptto", "", "nothing of it arrives"),
    "none": ("No check of recipients", "forged", ""),
}


@pytest.mark.stores("sqlite")
def test_the_check_of_recipients_and_what_follows(
    anna: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert WORDS.keys() == CHECKS.keys()
    assert "could not be found out" in signed_in.get(URL).content.decode()
    for setting, (check, bounced, caught) in WORDS.items():
        monkeypatch.setattr(settings, "VPOPMAIL_RECIPIENT_CHECK", setting)
        put(anna, line(anna, "bounce-no-mailbox") + "\n")
        page = signed_in.get(URL)
        assert check in page.content.decode() and bounced in page.context["advice"]
        assert bool(bounced) == bool(page.context["advice"])
        put(anna, line(anna, "anna@example.com") + "\n")
        assert caught in (told := signed_in.get(URL).context["advice"]) and bool(caught) == bool(told)
    monkeypatch.setattr(settings, "VPOPMAIL_RECIPIENT_CHECK", "none")
    put(anna, line(anna, "delete") + "\n")
    assert "mistyped address is lost" in signed_in.get(URL).content.decode()
    monkeypatch.setattr(settings, "VPOPMAIL_RECIPIENT_CHECK", "vrcptcheck")
    answer = signed_in.post(URL, values(signed_in) | {"unknown": "account", "account": "anna"}, follow=True)
    assert "nothing arrives there" in answer.content.decode()


@pytest.mark.stores("sqlite")
def test_the_check_is_found_in_qmails_files(store: Store) -> None:
    assert recipient_check().kind == "unknown"
    program = store.qmail / "bin" / "qmail-smtpd"
    program.write_bytes(b"plain")
    assert recipient_check().kind == "none"
    program.write_bytes(b"\0CHKUSER_START\0")
    assert (recipient_check().kind, recipient_check().mode) == ("chkuser", "")
    run = store.qmail / "supervise" / "qmail-smtpd" / "run"
    run.parent.mkdir(parents=True)
    for text, mode in (("CHKUSER_START=ALWAYS", "always"), ("CHKUSER_START=domain", "domain"), ("", "off")):
        run.write_text(f"#!/bin/sh\nexport {text}\n")
        assert (recipient_check().kind, recipient_check().mode) == ("chkuser", mode)
    (store.qmail / "control" / "validrcptto").write_text("anna@example.com\n")
    assert recipient_check().kind == "validrcptto"
