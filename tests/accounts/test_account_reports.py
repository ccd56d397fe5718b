"""The report about all accounts: prepared by a command, read by the page of accounts and the dashboards."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import Grant, User
from accounts.overview import prepare as preparing
from accounts.overview import reading
from accounts.overview.models import DomainFigures, Listed, Report
from audit.models import Entry
from domains import services as domain_services
from tests.accounts.base import DOMAIN, PASSWORD
from tests.accounts.test_usage import told
from tests.commands.base import ROOT, done, run
from tests.store import Store
from tests.vpopmail.people import execute
from vpopmail import usage
from vpopmail.schema import schema

DAY = 86_400
OTHER = "other.example"


@pytest.fixture
def crowd(example: Store, admin: Any) -> Store:
    """anna is nearly full, over is more than full, in another domain; idle signed in long ago."""
    domain_services.add_domain(actor=admin, domain=OTHER, password=PASSWORD)
    for domain, name, flags in (
        (DOMAIN, "idle", 0),
        (DOMAIN, "shut", 0x80E),
        (OTHER, "over", 0),
    ):
        services.add_account(
            actor=admin, domain=domain, name=name, password=PASSWORD, quota="1000S", flags=flags
        )
    told(example, "anna", "2147483648S\n1932735284 7\n")
    told(example, "idle", "1000S\n10 1\n")
    told(example, "shut", "1000S\n0 0\n")
    (example.directory(OTHER) / "over/Maildir/maildirsize").write_text("1000S\n1500 3\n")
    usage.reset()
    signed_in("idle", int(time.time()) - 100 * DAY)
    return example


def signed_in(name: str, at: int) -> None:
    time_column = '"timestamp"' if schema().sqlite else "`timestamp`"
    execute(
        f"UPDATE lastauth SET remote_ip = '192.0.2.7', {time_column} = %s WHERE user = %s AND domain = %s",
        [at, name, DOMAIN],
    )


def shown(client: Client, **query: str) -> list[str]:
    page = client.get("/accounts/", query)
    assert page.status_code == 200
    return [account.address for account in page.context["page"].rows]


def confined(domain: str) -> Client:
    user = User.objects.create_user(f"of-{domain}", confined=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_domain", "view_account"]))
    Grant.objects.create(user=user, domain=domain, given_by="admin")
    client = Client()
    client.force_login(user)
    return client


def test_the_command_says_what_it_found(crowd: Store) -> None:
    ran = done("account_reports", "--json").json
    assert (ran["domains"], ran["accounts"], ran["unknown"]) == (2, 6, 2)
    assert (ran["bytes"], ran["messages"]) == (1932735284 + 10 + 1500, 11)
    expected = {"over-80": 2, "over-95": 1, "over-100": 1, "never": 5, "idle-90": 1, "disabled": 1}
    assert ran["counts"] == {**expected, "administrator": 2}
    words = done("account_reports").out
    assert "6 accounts of 2 domains hold 1.8 GB in 11 messages." in words
    assert "What 2 mailboxes hold is not known" in words and "over-80: 2" in words


def test_the_page_of_all_accounts(crowd: Store, signed_in: Client) -> None:
    done("account_reports")
    assert shown(signed_in, filter="over-80") == ["over@other.example", "anna@example.com"], (
        "the fullest first"
    )
    assert shown(signed_in, filter="over-95") == ["over@other.example"]
    assert shown(signed_in, filter="idle-90") == ["idle@example.com"]
    assert shown(signed_in, filter="idle-365") == []
    assert shown(signed_in, filter="disabled") == ["shut@example.com"]
    assert shown(signed_in, filter="administrator") == ["postmaster@example.com", "postmaster@other.example"]
    assert shown(signed_in, filter="over-80", domain=DOMAIN) == ["anna@example.com"]
    page = signed_in.get("/accounts/?filter=over-80").content.decode()
    assert 'aria-current="true">Over 80 % <span class="count">2</span></a>' in page
    assert (
        "1.8 GB of 2 GB" in page
        and "<b>90 %</b>" in page
        and "Found when all accounts were looked at" in page
    )


@pytest.mark.stores("sqlite")
def test_before_the_first_report(crowd: Store, signed_in: Client) -> None:
    assert "No report yet" in signed_in.get("/accounts/?filter=over-80").content.decode()
    assert "Mail stored" not in signed_in.get("/").content.decode()
    assert "Over 80 %</a>" in signed_in.get("/accounts/").content.decode()


@pytest.mark.stores("sqlite", "perdomain")
def test_rows_are_as_they_are_now(crowd: Store, admin: Any, signed_in: Client) -> None:
    done("account_reports")
    services.delete_account(actor=admin, domain=OTHER, name="over")
    assert shown(signed_in, filter="over-80") == ["anna@example.com"]
    domain_services.delete_domain(actor=admin, domain=OTHER)
    assert shown(signed_in, filter="over-80") == ["anna@example.com"]


@pytest.mark.stores("sqlite", "many")
def test_page_by_page(crowd: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    done("account_reports")
    monkeypatch.setattr(reading, "PAGE_SIZE", 2)
    found: list[str] = []
    after = ""
    while True:
        page = signed_in.get("/accounts/", {"filter": "never", "after": after}).context["page"]
        found += [account.address for account in page.rows]
        after = page.next_after
        if not after:
            break
    assert len(found) == len(set(found)) == 5
    for odd in ("x", "²", "9" * 30, "-1"):
        assert len(shown(signed_in, filter="never", after=odd)) == 2, "the first page"


@pytest.mark.stores("sqlite")
def test_only_domains_that_one_may_know_of(crowd: Store) -> None:
    done("account_reports")
    client = confined(DOMAIN)
    assert shown(client, filter="over-80") == ["anna@example.com"]
    assert shown(client, filter="over-80", domain=OTHER) == []
    page = client.get("/accounts/").content.decode()
    assert 'Over 80 % <span class="count">1</span>' in page, "of these domains alone"
    assert "Quota exceeded" in page and 'Quota exceeded <span class="count">0</span>' in page


@pytest.mark.stores("sqlite")
def test_a_postmaster_sees_those_of_its_domain(crowd: Store) -> None:
    done("account_reports")
    client = Client()
    client.post("/sign-in/", {"username": f"postmaster@{DOMAIN}", "password": PASSWORD})
    assert shown(client, filter="over-80") == ["anna@example.com"]
    page = client.get("/").content.decode()
    assert f'<a href="/domains/{DOMAIN}/?filter=over-80">' in page and "1.8 GB" in page


@pytest.mark.stores("sqlite", "many")
def test_the_dashboard(crowd: Store, signed_in: Client) -> None:
    done("account_reports")
    page = signed_in.get("/").content.decode()
    assert '<a href="/accounts/?filter=over-80"><span class="what">Accounts over 80 %</span>' in page
    assert '<span class="number">2</span>' in page and "1.8 GB" in page and "without 2 mailboxes" in page


def test_the_next_report_takes_the_place_of_the_former(crowd: Store, signed_in: Client) -> None:
    done("account_reports")
    told(crowd, "anna", "2147483648S\n0 0\n")
    entries = Entry.objects.count()
    done("account_reports")
    assert shown(signed_in, filter="over-80") == ["over@other.example"]
    assert (Report.objects.count(), DomainFigures.objects.count()) == (1, 2)
    assert set(Listed.objects.values_list("report_id", flat=True)) == {Report.objects.get().pk}
    assert Entry.objects.count() == entries


@pytest.mark.stores("sqlite")
def test_one_that_was_interrupted_is_not_shown_and_goes(
    crowd: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    done("account_reports")
    first = Report.objects.get().pk

    def end(report: Report, domain: str, *args: object) -> None:
        Listed.objects.create(report=report, kind="over", value=-99, domain=DOMAIN, name="idle")
        raise OSError("ended")

    with monkeypatch.context() as patched:
        patched.setattr(preparing, "_of_domain", end)
        assert run("account_reports").status == 5
    assert Report.objects.count() == 2 and reading.latest() == Report.objects.get(pk=first)
    assert shown(signed_in, filter="over-80") == ["over@other.example", "anna@example.com"]
    done("account_reports")
    assert Report.objects.count() == 1


@pytest.mark.stores("sqlite")
def test_two_at_once_and_a_helper_out_of_reach(crowd: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from vpopmail import helper
    from vpopmail.engines.base import Unavailable

    with preparing.alone():
        ran = run("account_reports")
    assert ran.status == 1 and "by another process already" in ran.err
    done("account_reports")

    def fail(verb: str, **args: Any) -> Any:
        raise Unavailable("The helper is away.")

    monkeypatch.setattr(helper, "call", fail)
    assert run("account_reports").status == 5
    assert reading.overview(None).bytes > 0, "the former report stays"


@pytest.mark.stores("sqlite", "perdomain")
def test_mailboxes_that_nothing_tells_of_are_counted_while_there_is_time(crowd: Store) -> None:
    for number in range(3):
        mail = crowd.directory(DOMAIN) / f"postmaster/Maildir/new/{number}.h,S=100"
        mail.write_text("x")
    ran = done("account_reports", "--count", "60", "--json").json
    assert (ran["unknown"], ran["messages"]) == (0, 14)
    assert ran["bytes"] == 1932735284 + 10 + 1500 + 300
    usage.reset()
    ran = done("account_reports", "--count", "0", "--json").json
    assert ran["unknown"] == 2
    for bad in ("-1", "x", "1e9", "99999999"):
        assert run("account_reports", "--count", bad).status == 1


@pytest.mark.stores("sqlite")
def test_many_accounts_of_one_domain(crowd: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from vpopmail import filters

    monkeypatch.setattr(filters, "CHUNK", 2)
    monkeypatch.setattr(preparing, "BATCH", 1)
    assert done("account_reports", "--json").json["accounts"] == 6
    assert Listed.objects.filter(kind="never").count() == 5
    assert reading.latest() is not None and abs((timezone.now() - reading.latest().ended_at).seconds) < 60


def test_the_timer_runs_it() -> None:
    service = (ROOT / "deploy" / "vqweb-accounts.service").read_text()
    assert "manage.py account_reports --count 1800\n" in service
    assert "OnCalendar=" in (ROOT / "deploy" / "vqweb-accounts.timer").read_text()
