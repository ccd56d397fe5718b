"""Taking entries of the journal back: by the service, by the command and in the browser."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import forwarding_services
from accounts import services as accounts
from audit.models import Entry
from domains import services as domains
from tests.commands.base import done, run
from tests.fidelity import snapshot
from tests.store import Store
from vpopmail import limits
from vpopmail.aliases import get_alias
from vpopmail.engines.base import Changed, NotFound, Refused, VpopmailError
from vpopmail.models import find_account
from vqweb.revert import revert

ANNA = {"domain": "example.com", "name": "anna"}
INFO = {"domain": "example.com", "alias": "info"}
PASSWORD = "Correct-Horse-7"
Change = Callable[[], Any]

CHANGES: dict[str, Change] = {
    "name": lambda: accounts.change_account(actor=None, **ANNA, gecos="Anna B."),
    "flags set": lambda: accounts.change_account(actor=None, **ANNA, set_flags=0x12),
    "flags cleared": lambda: accounts.change_account(actor=None, **ANNA, clear_flags=0x4),
    "both": lambda: accounts.change_account(actor=None, **ANNA, gecos="", set_flags=0x8, clear_flags=0x4),
    "quota": lambda: accounts.change_quota(actor=None, **ANNA, quota="1G"),
    "no quota": lambda: accounts.change_quota(actor=None, **ANNA, quota="NOQUOTA"),
    "forwarding": lambda: forwarding_services.change_forwarding(
        actor=None, **ANNA, destinations=["a@x.example"]
    ),
    "line added": lambda: accounts.add_alias(actor=None, **INFO, line="&c@x.example"),
    "line removed": lambda: accounts.remove_alias(actor=None, **INFO, line="&b@x.example"),
    "alias deleted": lambda: accounts.delete_alias(actor=None, **INFO),
    "limits": lambda: domains.change_limits(actor=None, domain="example.com", changes={"maxaliases": 9}),
    "limits deleted": lambda: domains.delete_limits(actor=None, domain="example.com"),
}
# What somebody else does to the same value afterwards.
AGAIN: dict[str, Change] = {
    "name": lambda: accounts.change_account(actor=None, **ANNA, gecos="Anna C."),
    "flags set": lambda: accounts.change_account(actor=None, **ANNA, clear_flags=0x2),
    "flags cleared": lambda: accounts.change_account(actor=None, **ANNA, set_flags=0x4),
    "both": lambda: accounts.change_account(actor=None, **ANNA, gecos="Anna C."),
    "quota": lambda: accounts.change_quota(actor=None, **ANNA, quota="3G"),
    "no quota": lambda: accounts.change_quota(actor=None, **ANNA, quota="3G"),
    "forwarding": lambda: forwarding_services.change_forwarding(actor=None, **ANNA, keeps_copy=False),
    "line added": lambda: accounts.remove_alias(actor=None, **INFO, line="&c@x.example"),
    "line removed": lambda: accounts.add_alias(actor=None, **INFO, line="&b@x.example"),
    "alias deleted": lambda: accounts.add_alias(actor=None, **INFO, line="&d@x.example"),
    "limits": lambda: domains.change_limits(actor=None, domain="example.com", changes={"maxaliases": 8}),
    "limits deleted": lambda: domains.change_limits(
        actor=None, domain="example.com", changes={"maxforwards": 8}
    ),
}


@pytest.fixture
def people(store: Store) -> Store:
    """Anna with a quota and a flag, the alias info with two lines, limits of the domain's own."""
    domains.add_domain(actor=None, domain="example.com", password=PASSWORD)
    accounts.add_account(actor=None, **ANNA, password=PASSWORD, gecos="Anna", quota="2G", flags=0x4)
    for line in ("&a@x.example", "&b@x.example"):
        accounts.add_alias(actor=None, **INFO, line=line)
    domains.change_limits(actor=None, domain="example.com", changes={"maxaliases": 5, "disable_pop": 1})
    return store


def last() -> Entry:
    return Entry.objects.latest("id")


def state(store: Store) -> dict[str, Any]:
    """Rows and files; ids of rows that come back are new."""
    found = snapshot.take(store)
    lines = [{k: v for k, v in row.items() if k != "id"} for row in found["rows"].get("valias", ())]
    found["rows"]["valias"] = sorted(lines, key=repr)
    return found


def of(change: Change) -> Entry:
    change()
    return last()


@pytest.mark.parametrize("what", CHANGES)
def test_what_stands_is_taken_back(people: Store, what: str) -> None:
    before = state(people)
    entry = of(CHANGES[what])
    after = state(people)
    assert after != before
    revert(actor=None, key=entry.key)
    assert state(people) == before
    back = last()
    assert (back.action, back.target, back.state) == (entry.action, entry.target, "ok")
    assert back.changes["reverts"] == entry.key
    assert back.command.endswith(f"revert {entry.key}")
    revert(actor=None, key=back.key)  # and what took it back is taken back
    assert state(people) == after


@pytest.mark.parametrize("what", AGAIN)
def test_what_was_changed_again_is_left_alone(people: Store, what: str) -> None:
    entry = of(CHANGES[what])
    AGAIN[what]()
    before, entries = state(people), Entry.objects.count()
    with pytest.raises(Changed) as changed:
        revert(actor=None, key=entry.key)
    assert changed.value.message.endswith(".")
    assert (state(people), Entry.objects.count()) == (before, entries)


def test_other_bits_do_not_matter(people: Store) -> None:
    entry = of(CHANGES["flags set"])
    accounts.change_account(actor=None, **ANNA, set_flags=0x800, clear_flags=0x4)
    revert(actor=None, key=entry.key)
    anna = find_account("example.com", "anna")
    assert anna is not None and anna.gid == 0x800
    assert last().changes["flags"] == [0x812, 0x800]


def test_first_limits_of_a_domain_go_again(people: Store) -> None:
    domains.delete_limits(actor=None, domain="example.com")
    before = limits.read("example.com")
    entry = of(CHANGES["limits"])
    assert limits.read("example.com").own
    revert(actor=None, key=entry.key)
    assert limits.read("example.com") == before
    assert last().changes["limits"][1] is None


def test_first_limits_stay_when_another_one_was_set(people: Store) -> None:
    domains.delete_limits(actor=None, domain="example.com")
    entry = of(CHANGES["limits"])
    domains.change_limits(actor=None, domain="example.com", changes={"maxpopaccounts": 7})
    with pytest.raises(Changed):
        revert(actor=None, key=entry.key)
    assert limits.read("example.com").values["maxpopaccounts"] == 7


def test_a_change_between_the_look_and_the_write_is_not_overwritten(
    people: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Limits have no column for it: the engine compares what the plan saw."""
    from vpopmail.engines import get_engine

    entry, engine = of(CHANGES["limits"]), get_engine()
    real = type(engine).vmoddomlimits

    def meanwhile(self: Any, domain: str, changes: Any, **more: Any) -> Any:
        real(self, domain, {"maxaliases": 77})
        return real(self, domain, changes, **more)

    monkeypatch.setattr(type(engine), "vmoddomlimits", meanwhile)
    with pytest.raises(Changed):
        revert(actor=None, key=entry.key)
    assert limits.read("example.com").values["maxaliases"] == 77
    assert last().state == "failed"


def test_an_alias_comes_back_whole_or_not_at_all(people: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from vpopmail.engines import get_engine
    from vpopmail.engines.base import Unavailable

    entry, engine = of(CHANGES["alias deleted"]), get_engine()
    real = type(engine).valias_insert

    def fail_at_b(self: Any, domain: str, alias: str, line: str, **more: Any) -> Any:
        if line.startswith("&b"):
            raise Unavailable("The disk is full.")
        return real(self, domain, alias, line, **more)

    with monkeypatch.context() as patch:
        patch.setattr(type(engine), "valias_insert", fail_at_b)
        with pytest.raises(Unavailable):
            revert(actor=None, key=entry.key)
    assert get_alias("example.com", "info") == []
    revert(actor=None, key=entry.key)
    assert [line.line for line in get_alias("example.com", "info")] == ["&a@x.example", "&b@x.example"]


@pytest.mark.stores("sqlite")
def test_an_alias_does_not_take_an_accounts_mail_unasked(people: Store, signed_in: Client) -> None:
    entry = of(CHANGES["alias deleted"])
    accounts.add_account(actor=None, domain="example.com", name="info", password=PASSWORD)
    with pytest.raises(Refused, match="info@example.com"):
        revert(actor=None, key=entry.key)
    page = signed_in.get(f"/activity/{entry.key}/revert/").content.decode()
    assert "the alias comes first" in page and 'name="beside_account"' in page
    assert "--beside-account" in page
    signed_in.post(f"/activity/{entry.key}/revert/", {})
    assert get_alias("example.com", "info") == []
    signed_in.post(f"/activity/{entry.key}/revert/", {"beside_account": "on"})
    assert len(get_alias("example.com", "info")) == 2


def delete_and_add() -> None:
    accounts.delete_account(actor=None, **ANNA)
    accounts.add_account(actor=None, **ANNA, password=PASSWORD, quota="1G")


@pytest.mark.stores("sqlite")
def test_an_account_of_the_same_name_is_another_one(people: Store) -> None:
    entry = of(CHANGES["quota"])
    delete_and_add()
    with pytest.raises(Changed, match="added again"):
        revert(actor=None, key=entry.key)
    accounts.delete_account(actor=None, **ANNA)
    with pytest.raises(VpopmailError):
        revert(actor=None, key=entry.key)


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda: accounts.change_password(actor=None, **ANNA, password="Other-Horse-8"), "kept nowhere"),
        (lambda: accounts.delete_account(actor=None, **ANNA), "trash"),
        (lambda: domains.delete_domain(actor=None, domain="example.com"), "trash"),
        (lambda: domains.add_domain(actor=None, domain="new.example", password=PASSWORD), "deleted"),
    ],
)
def test_what_cannot_be_taken_back_says_why(
    people: Store, signed_in: Client, change: Change, reason: str
) -> None:
    entry = of(change)
    with pytest.raises(Refused, match=reason):
        revert(actor=None, key=entry.key)
    page = signed_in.get(f"/activity/{entry.key}/revert/")
    assert page.status_code == 200 and reason in page.content.decode()
    assert "data-form" not in page.content.decode()


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("ended", ["failed", "started"])
def test_only_what_was_done_is_taken_back(people: Store, ended: str) -> None:
    entry = of(CHANGES["quota"])
    Entry.objects.filter(pk=entry.pk).update(state=ended)
    with pytest.raises(Refused):
        revert(actor=None, key=entry.key)
    with pytest.raises(NotFound):
        revert(actor=None, key="nothing")


@pytest.mark.stores("sqlite")
def test_in_the_browser(people: Store, signed_in: Client) -> None:
    entry = of(CHANGES["quota"])
    url = f"/activity/{entry.key}/revert/"
    assert url in signed_in.get(f"/activity/{entry.key}/").content.decode()
    page = signed_in.get(url).content.decode()
    assert "1 GB" in page and "2 GB" in page and f"revert {entry.key}" in page
    answer = signed_in.post(url)
    assert (answer.status_code, answer["Location"]) == (302, f"/activity/{entry.key}/")
    assert "was taken back" in signed_in.get(answer["Location"]).content.decode()
    back = last()
    assert (back.actor_name, back.via) == ("admin", "page")
    assert f'href="/activity/{entry.key}/"' in signed_in.get(f"/activity/{back.key}/").content.decode()
    refused = signed_in.post(url)
    assert refused.status_code == 200 and "changed again since" in refused.content.decode()
    assert signed_in.get("/activity/nothing/revert/").status_code == 404


@pytest.mark.stores("sqlite")
def test_the_right_to_the_thing_itself_is_needed(people: Store, allow: Callable[..., Client]) -> None:
    quota, alias = of(CHANGES["quota"]), of(CHANGES["line added"])
    client = allow("view_entry", "change_account")
    assert client.post(f"/activity/{alias.key}/revert/").status_code == 403
    assert client.post(f"/activity/{quota.key}/revert/").status_code == 302
    admin_flag = of(lambda: accounts.change_account(actor=None, **ANNA, set_flags=0x10000))
    refused = client.post(f"/activity/{admin_flag.key}/revert/")
    assert refused.status_code == 200 and "superuser" in refused.content.decode()
    assert last().key == admin_flag.key


def test_on_the_command_line(people: Store) -> None:
    entry = of(CHANGES["quota"])
    assert done("revert", "--json", entry.key).json["reverts"] == entry.key
    again = run("revert", entry.key)
    assert (again.status, again.out) == (4, "") and "changed again since" in again.err
    assert run("revert", "nothing").status == 3
