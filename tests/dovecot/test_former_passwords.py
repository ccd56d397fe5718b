"""After a change of password or a lock the former password fails everywhere: by PLAIN, by CRAM-MD5 where a
clear password was stored, and in the panel.
"""

import imaplib
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client

from accounts import services as accounts
from domains import services as domains
from tests.dovecot.server import Dovecot, require_version
from tests.store import Store
from vpopmail import flags
from vpopmail.models import find_account

ANN, PASSWORD, NEW = "ann@example.com", "Tulip-Harbour-42", "Copper-Window-77"
# What a site has that lets people in by CRAM-MD5: the clear password for that, the hash for all else.
CLEAR = "IF('%m' = 'CRAM-MD5', CONCAT('{PLAIN}', pw_clear_passwd), pw_passwd) AS password"
ONLY_STORED = "WHERE NOT ('%m' = 'CRAM-MD5' AND COALESCE(pw_clear_passwd, '') = '') AND pw_name"

pytestmark = pytest.mark.stores("clear")


@pytest.fixture(params=["off", "keep"])
def dovecot(store: Store, request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    """A server with CRAM-MD5 on a store where ann's clear password is stored, whatever is kept from now
    on.
    """
    require_version()
    settings.VPOPMAIL_CLEAR_PASSWORDS = "keep"
    domains.add_domain(actor=None, domain="example.com", password="Post-Master-9431")
    accounts.add_account(actor=None, domain="example.com", name="ann", password=PASSWORD)
    server = Dovecot(store)
    server.config.write_text(server.config.read_text() + "auth_mechanisms = plain cram-md5\n")
    queries = server.base / "sql.conf.ext"
    password_query, userdb = queries.read_text().split("user_query", 1)
    password_query = password_query.replace("pw_passwd AS password", CLEAR)
    password_query = password_query.replace("WHERE pw_name", ONLY_STORED)
    queries.write_text(f"{password_query}user_query{userdb}")
    server.start()
    store.environ["VPOPMAIL_DOVEADM"] = f"/usr/bin/doveadm -c {server.config}"
    store.environ["VPOPMAIL_CLEAR_PASSWORDS"] = request.param
    store.activate()
    yield server
    server.stop()


def by_cram_md5(dovecot: Dovecot, password: str) -> bool:
    session = imaplib.IMAP4("127.0.0.1", dovecot.port, timeout=20)
    try:
        session.login_cram_md5(ANN, password)
    except imaplib.IMAP4.error as error:
        assert "AUTHENTICATIONFAILED" in str(error), f"{error}\n{dovecot.log()}"
        return False
    finally:
        session.shutdown()
    return True


def by_panel(password: str) -> bool:
    answer = Client().post("/sign-in/", {"username": ANN, "password": password})
    assert answer.status_code in (200, 302)
    return answer.status_code == 302


def doors(dovecot: Dovecot, password: str) -> list[bool]:
    return [dovecot.accepts(ANN, password), by_cram_md5(dovecot, password), by_panel(password)]


def locked() -> None:
    account = find_account("example.com", "ann")
    assert account is not None
    accounts.change_password(actor=None, domain="example.com", name="ann", password_hash=f"!{account.passwd}")


LOCKS: dict[str, Callable[[], object]] = {
    "changed": lambda: accounts.change_password(actor=None, domain="example.com", name="ann", password=NEW),
    "locked": locked,
    "deleted": lambda: accounts.delete_account(actor=None, domain="example.com", name="ann"),
}


@pytest.mark.parametrize("what", LOCKS)
def test_the_former_password_opens_nothing(dovecot: Dovecot, what: str) -> None:
    assert doors(dovecot, PASSWORD) == [True, True, True]
    LOCKS[what]()
    assert doors(dovecot, PASSWORD) == [False, False, False]


def test_the_new_one_opens_what_is_kept(dovecot: Dovecot) -> None:
    LOCKS["changed"]()
    kept = settings.VPOPMAIL_CLEAR_PASSWORDS == "keep"
    assert doors(dovecot, NEW) == [True, kept, True]
    assert not by_cram_md5(dovecot, "")


def test_an_open_session_ends_and_no_service_means_no_panel(dovecot: Dovecot) -> None:
    session = dovecot.sign_in(ANN, PASSWORD)
    LOCKS["changed"]()
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        for _ in range(200):  # Dovecot ends it by a signal, which takes a moment
            session.noop()
            time.sleep(0.1)
    accounts.change_account(actor=None, domain="example.com", name="ann", set_flags=flags.SERVICES)
    assert [dovecot.accepts(ANN, NEW), by_panel(NEW)] == [False, False]
