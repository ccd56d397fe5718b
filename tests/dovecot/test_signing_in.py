"""What the panel makes, Dovecot lets in, and nothing else: for SQLite and both layouts of MariaDB."""

import imaplib
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from accounts import services as accounts
from aliasdomains import services as aliasdomains
from domains import services as domains
from tests.dovecot.server import Dovecot, require_version
from tests.store import Store
from vpopmail import schema

ANN, PASSWORD = "ann@example.com", "Tulip-Harbour-42"


@pytest.fixture
def dovecot(store: Store) -> Iterator[Dovecot]:
    """A server on a store with example.com, its alias domain example.net, and ann, all made by the panel."""
    require_version()
    schema.create_embedded_store()  # all tables, as `make run` does: Dovecot trips over later ones
    domains.add_domain(actor=None, domain="example.com", password="Post-Master-9431")
    aliasdomains.add_alias_domain(actor=None, real="example.com", alias="example.net")
    accounts.add_account(actor=None, domain="example.com", name="ann", password=PASSWORD)
    server = Dovecot(store)
    server.start()
    store.environ["VPOPMAIL_DOVEADM"] = f"/usr/bin/doveadm -c {server.config}"
    store.activate()
    yield server
    server.stop()


def test_the_account_signs_in_by_its_domain_and_by_its_alias_domain(dovecot: Dovecot) -> None:
    assert dovecot.accepts(ANN, PASSWORD)
    assert dovecot.accepts("ann@example.net", PASSWORD)
    assert dovecot.accepts("Ann@Example.NET", PASSWORD)


def test_mail_put_in_by_one_name_is_read_by_the_other(dovecot: Dovecot) -> None:
    message = EmailMessage()
    message["Subject"] = "Hello"
    message.set_content("One mailbox, two names.")
    with dovecot.sign_in(ANN, PASSWORD) as session:
        assert session.append("INBOX", "", "", message.as_bytes())[0] == "OK"
    with dovecot.sign_in("ann@example.net", PASSWORD) as session:
        assert session.select("INBOX") == ("OK", [b"1"])


def test_others_are_refused(dovecot: Dovecot) -> None:
    assert not dovecot.accepts(ANN, "wrong")
    assert not dovecot.accepts(ANN, "")
    assert not dovecot.accepts("nobody@example.com", PASSWORD)
    assert not dovecot.accepts("ann@example.org", PASSWORD)
    assert not dovecot.accepts("ann@example.com' OR '1'='1", PASSWORD)


def test_a_changed_password_counts_at_once(dovecot: Dovecot) -> None:
    assert dovecot.accepts(ANN, PASSWORD)
    accounts.change_password(actor=None, domain="example.com", name="ann", password="Copper-Window-77")
    assert not dovecot.accepts(ANN, PASSWORD)
    assert dovecot.accepts(ANN, "Copper-Window-77")


def test_an_account_without_imap_is_refused(dovecot: Dovecot) -> None:
    assert dovecot.accepts(ANN, PASSWORD)
    accounts.change_account(actor=None, domain="example.com", name="ann", set_flags=8)
    assert not dovecot.accepts(ANN, PASSWORD)


def test_a_deleted_alias_domain_no_longer_signs_in(dovecot: Dovecot) -> None:
    assert dovecot.accepts("ann@example.net", PASSWORD)
    aliasdomains.delete_alias_domain(actor=None, alias="example.net")
    assert not dovecot.accepts("ann@example.net", PASSWORD)
    assert dovecot.accepts(ANN, PASSWORD)


def test_a_deleted_account_is_refused_and_its_open_session_cannot_reach_the_trash(
    dovecot: Dovecot, store: Store
) -> None:
    session = dovecot.sign_in(ANN, PASSWORD)
    assert session.select("INBOX")[0] == "OK"
    other = dovecot.sign_in("ann@example.net", PASSWORD)
    outcome = accounts.delete_account(actor=None, domain="example.com", name="ann")
    assert (outcome.warnings, bool(outcome.trash)) == ((), True)
    for open_session in (session, other):
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            open_session.select("INBOX")
    assert not dovecot.accepts(ANN, PASSWORD)
    assert not dovecot.accepts("ann@example.net", PASSWORD)
    assert not (store.directory("example.com") / "ann").exists()


def test_a_deleted_domain_lets_nobody_in_and_ends_every_session(dovecot: Dovecot, store: Store) -> None:
    session = dovecot.sign_in("ann@example.net", PASSWORD)
    outcome = domains.delete_domain(actor=None, domain="example.com", with_alias_domains=True)
    assert not any("Dovecot" in warning for warning in outcome.warnings)
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        session.select("INBOX")
    assert store.kind == "perdomain" or not dovecot.accepts(ANN, PASSWORD)
    assert not store.directory("example.com").exists()


@pytest.mark.stores("sqlite")
def test_a_dovecot_that_does_not_answer_is_said(dovecot: Dovecot, store: Store) -> None:
    dovecot.stop()
    outcome = accounts.delete_account(actor=None, domain="example.com", name="ann")
    assert "ann@example.com" in outcome.warnings[0]
    assert "sign-ins" in outcome.warnings[0]
