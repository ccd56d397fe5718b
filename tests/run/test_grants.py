"""The account of `manage.py grants` can do the whole main job, and cannot read clear passwords."""

import io
from urllib.parse import quote

import MySQLdb
import pytest
from django.core.management import CommandError, call_command

from accounts import services as accounts
from aliasdomains import services as aliasdomains
from domains import services as domains
from server import ip_map_services, sign_in_services
from tests.store import Store
from tests.vpopmail.sign_in_log import execute, log, make
from vpopmail import relays, sign_ins

PASSWORD = "Tulip-Harbour-42"


def _main_job() -> None:
    domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    aliasdomains.add_alias_domain(actor=None, real="example.com", alias="example.net")
    accounts.add_account(actor=None, domain="example.com", name="ann", password=PASSWORD)
    accounts.change_password(actor=None, domain="example.com", name="ann", password="Copper-Window-77")
    accounts.change_account(actor=None, domain="example.com", name="ann", gecos="Ann", set_flags=2)
    accounts.change_quota(actor=None, domain="example.com", name="ann", quota="1 GB")
    accounts.add_alias(actor=None, domain="example.com", alias="info", line="&ann@example.com")
    accounts.add_alias(actor=None, domain="example.com", alias="info", line="&bob@example.org")
    accounts.remove_alias(actor=None, domain="example.com", alias="info", line="&bob@example.org")
    domains.change_limits(actor=None, domain="example.com", changes={"maxaliases": 5})
    accounts.delete_account(actor=None, domain="example.com", name="ann")
    domains.delete_domain(actor=None, domain="example.com", with_alias_domains=True)


def _restrict(store: Store) -> None:
    """Make the account by the printed statements and let the panel use it from now on."""
    assert store.mariadb is not None
    user = f"panel{store.database[-6:]}"
    printed = io.StringIO()
    call_command("grants", user=user, stdout=printed)
    link = store.mariadb.connect()
    for statement in printed.getvalue().splitlines():
        link.cursor().execute(statement)
    link.close()
    url = f"mysql://{user}:choose-a-password@localhost/{store.database}"
    store.environ["VPOPMAIL_DATABASE_URL"] = f"{url}?unix_socket={quote(str(store.mariadb.socket))}"
    store.activate()


@pytest.mark.stores("many", "clear", "old", "perdomain", "handmade")
def test_the_main_job_needs_no_more(store: Store) -> None:
    domains.add_domain(actor=None, domain="first.example", password=PASSWORD)
    _restrict(store)
    _main_job()


@pytest.mark.stores("clear", "old")
def test_with_one_table_clear_passwords_stay_unread_and_keys_unchanged(store: Store) -> None:
    domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    _restrict(store)
    from vpopmail.database import rows

    for statement in (
        "SELECT pw_clear_passwd FROM vpopmail",
        "UPDATE vpopmail SET pw_domain = 'other.example'",
        "UPDATE vpopmail SET pw_dir = '/etc'",
        "DROP TABLE vpopmail",
    ):
        with pytest.raises(Exception, match="denied") as refused:
            rows(statement)
        assert isinstance(refused.value.__cause__ or refused.value, MySQLdb.OperationalError)


@pytest.mark.stores("many", "old", "handmade")
def test_the_log_of_sign_ins_is_shown_emptied_and_purged_without_its_passwords(store: Store) -> None:
    domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    make(store, "vlog")
    log("anna@example.com", 3, ago=40 * 86_400)
    log("anna@example.com", 3, message="vchkpw-imap: password fail (pass: 'typed-Secret-1') anna")
    _restrict(store)
    with pytest.raises(Exception, match="denied"):
        execute("SELECT passwd FROM vlog")
    assert len(sign_ins.page(sign_ins.Wanted("example.com", "anna")).rows) == 2
    assert sign_in_services.blank_vlog_passwords(actor=None) == 2
    assert sign_in_services.purge_vlog(actor=None, days=30) == 1
    assert "Secret" not in repr(store.rows("SELECT * FROM vlog"))
    if store.kind == "many":
        ip_map_services.add_ip_map(actor=None, ip="192.0.2.7", domain="example.com")
        ip_map_services.delete_ip_map(actor=None, ip="192.0.2.7", domain="example.com")
        assert relays.page().rows == []


@pytest.mark.stores("many")
def test_without_the_table_there_is_nothing_to_grant(store: Store) -> None:
    with pytest.raises(CommandError, match="first domain"):
        call_command("grants")


@pytest.mark.stores("sqlite")
def test_sqlite_has_no_accounts(store: Store) -> None:
    with pytest.raises(CommandError, match="SQLite"):
        call_command("grants")
