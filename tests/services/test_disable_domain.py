"""Disabling a whole domain and enabling it again: everything as it was, in parts, resumable."""

from typing import Any

import pytest

from accounts import disabling_domain, services
from accounts.models import Disabled, DisabledDomain
from audit.models import Entry
from domains import services as domain_services
from tests.engines.cast import MD5, set_values
from tests.store import Store
from vpopmail import limits
from vpopmail.engines import get_engine
from vpopmail.engines.base import NewAccount, Refused, Unavailable
from vpopmail.flags import BOUNCE_MAIL, SERVICES

DOMAIN = "example.com"
NAMES = ("anna", "bob", "carol", "dave", "erin")


@pytest.fixture
def five(store: Store, domain: str) -> Store:
    """anna has no IMAP, bob is disabled, carol overrides the limits, dave is locked by hand."""
    new = [NewAccount(name, MD5) for name in NAMES]
    services.add_accounts(actor=None, domain=DOMAIN, accounts=new)
    set_values(store, "anna", pw_gid=0x8)
    services.disable_account(actor=None, domain=DOMAIN, name="bob", mail="forward")
    set_values(store, "carol", pw_gid=0x3000)
    set_values(store, "dave", pw_passwd="!" + MD5)
    return store


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disabling_domain, "CHUNK", 2)


def own_limits() -> tuple[bool, dict[str, int]]:
    found = limits.read(DOMAIN)
    return found.own, dict(found.values)


def state(store: Store) -> Any:
    return sorted(store.accounts(DOMAIN), key=lambda row: row["pw_name"]), own_limits()


def disable(**more: Any) -> disabling_domain.Done:
    return services.disable_domain(actor=None, domain=DOMAIN, **more)


def enable(**more: Any) -> disabling_domain.Done:
    return services.enable_domain(actor=None, domain=DOMAIN, **more)


@pytest.mark.parametrize("own", [True, False])
def test_everything_closes_and_comes_back(five: Store, small_chunks: None, own: bool) -> None:
    if own:
        domain_services.change_limits(actor=None, domain=DOMAIN, changes={"disable_pop": 1, "maxaliases": 7})
    before = state(five)
    done = disable(mail="bounce", reason="not paid")
    assert (done.accounts, done.complete) == (5, True)  # not bob, but the postmaster
    for row in five.accounts(DOMAIN):
        assert row["pw_passwd"].startswith("!") and not row["pw_passwd"].startswith("!!")
        assert row["pw_gid"] & SERVICES == SERVICES
        assert bool(row["pw_gid"] & BOUNCE_MAIL) is (row["pw_name"] != "bob")
    assert limits.read(DOMAIN).flags & SERVICES == SERVICES
    entry = Entry.objects.latest("id")
    assert (entry.action, entry.target, entry.state) == ("disable_domain", DOMAIN, "ok")
    assert entry.changes == {"new_mail": "bounce", "reason": "not paid", "accounts": 5}
    assert enable().accounts == 5
    assert state(five) == before
    assert (Disabled.objects.count(), DisabledDomain.objects.count()) == (1, 0)  # bob's
    services.enable_account(actor=None, domain=DOMAIN, name="bob")
    assert all(row["pw_gid"] & SERVICES != SERVICES for row in five.accounts(DOMAIN))


@pytest.mark.stores("sqlite", "many")
def test_twice_is_once(five: Store) -> None:
    disable()
    before, entries = state(five), Entry.objects.count()
    assert disable(mail="bounce").accounts == 0
    assert (state(five), Entry.objects.count()) == (before, entries)
    enable()
    entries = Entry.objects.count()
    assert enable().accounts == 0
    assert Entry.objects.count() == entries


@pytest.mark.stores("sqlite", "many")
def test_it_goes_on_where_its_time_was_up(five: Store, small_chunks: None) -> None:
    before = state(five)
    steps = [disable(seconds=0)]
    while not steps[-1].complete:
        assert DisabledDomain.objects.get().state == "disabling"
        steps.append(disable(seconds=0))
    assert len(steps) > 2 and sum(step.accounts for step in steps) == 5
    steps = [enable(seconds=0)]
    while not steps[-1].complete:
        assert DisabledDomain.objects.get().state == "enabling"
        with pytest.raises(Refused):
            disable()
        steps.append(enable(seconds=0))
    assert len(steps) > 2
    assert state(five) == before


def _fail_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The chunk of that number fails."""
    engine, calls = type(get_engine()), [0]
    real = engine.switch_accounts

    def switch(*args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        if calls[0] == number:
            raise Unavailable("the helper fails.")
        return real(*args, **kwargs)

    monkeypatch.setattr(engine, "switch_accounts", switch)


@pytest.mark.stores("sqlite", "perdomain")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_it_goes_on_after_a_failure(
    five: Store, small_chunks: None, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    before = state(five)
    for call in (disable, enable):
        with monkeypatch.context() as patched:
            _fail_at(patched, number)
            with pytest.raises(Unavailable, match="goes on from there"):
                call()
        assert Entry.objects.latest("id").state == "failed"
        if call is enable and number == 1:
            assert all(row["pw_passwd"].startswith("!") for row in five.accounts(DOMAIN))
        call()
    assert state(five) == before


@pytest.mark.stores("sqlite")
def test_half_disabled_it_can_be_enabled(
    five: Store, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(five)
    disable(seconds=0)
    enable()
    assert state(five) == before


@pytest.mark.stores("sqlite", "many")
def test_somebody_changes_an_account_meanwhile(five: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chunk is looked at again; the other's bit stays, before and after."""
    real, seen = disabling_domain.disabling, []

    def meddled(account: Any, mail: str) -> Any:
        if account.name == "erin" and not seen:
            seen.append(account.name)
            set_values(five, "erin", pw_gid=0x80)
        return real(account, mail)

    monkeypatch.setattr(disabling_domain, "disabling", meddled)
    disable()
    rows = {row["pw_name"]: row for row in five.accounts(DOMAIN)}
    assert rows["erin"]["pw_gid"] == 0x80 | SERVICES
    enable()
    rows = {row["pw_name"]: row for row in five.accounts(DOMAIN)}
    assert (rows["erin"]["pw_gid"], rows["erin"]["pw_passwd"]) == (0x80, MD5)


@pytest.mark.stores("sqlite", "many")
def test_what_others_changed_while_it_was_disabled_stays(five: Store) -> None:
    disable()
    domain_services.change_limits(actor=None, domain=DOMAIN, changes={"maxaliases": 3, "disable_pop": 0})
    services.delete_account(actor=None, domain=DOMAIN, name="erin")
    services.change_account(actor=None, domain=DOMAIN, name="anna", set_flags=0x1)
    enable()
    own, values = own_limits()
    assert own and values["maxaliases"] == 3
    assert not any(values[column] for column in disabling_domain.CLOSING)
    rows = {row["pw_name"]: row for row in five.accounts(DOMAIN)}
    assert rows["anna"]["pw_gid"] == 0x9 and "erin" not in rows


@pytest.mark.stores("sqlite")
def test_one_account_of_it(five: Store) -> None:
    """It is enabled with its domain; disabled by itself as well, it stays so."""
    disable()
    with pytest.raises(Refused, match="as a whole"):
        services.enable_account(actor=None, domain=DOMAIN, name="anna")
    services.disable_account(actor=None, domain=DOMAIN, name="erin")
    enable()
    rows = {row["pw_name"]: row for row in five.accounts(DOMAIN)}
    assert rows["anna"]["pw_passwd"] == MD5 and rows["erin"]["pw_passwd"] == "!" + MD5
    services.enable_account(actor=None, domain=DOMAIN, name="erin")
    assert next(row for row in five.accounts(DOMAIN) if row["pw_name"] == "erin")["pw_gid"] == 0


@pytest.mark.stores("sqlite")
def test_who_may(five: Store, clerk: Any) -> None:
    for call in (services.disable_domain, services.enable_domain):
        with pytest.raises(Refused):
            call(actor=clerk, domain=DOMAIN)
    assert not DisabledDomain.objects.exists()


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("bad", [{"mail": "burn"}, {"reason": "x" * 201}])
def test_bad_choices(five: Store, bad: dict[str, str]) -> None:
    before = state(five)
    with pytest.raises(Refused):
        disable(**bad)
    assert state(five) == before and not DisabledDomain.objects.exists()


@pytest.mark.stores("sqlite")
def test_memory_is_bounded_by_a_chunk(
    five: Store, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never more accounts at once than a chunk, and no notes of chunks that are done."""
    sizes, notes = [], []
    engine = type(get_engine())
    real = engine.switch_accounts

    def switch(self: Any, domain: str, switches: Any, *, entry: str) -> Any:
        from django.conf import settings

        path = settings.VQWEB_STATE / "underway" / entry
        notes.append(path.read_text().count('"kind": "account"'))
        sizes.append(len(switches))
        return real(self, domain, switches, entry=entry)

    monkeypatch.setattr(engine, "switch_accounts", switch)
    disable()
    enable()
    assert len(sizes) > 4 and max(sizes) <= 2 and notes == [0] * len(sizes)
