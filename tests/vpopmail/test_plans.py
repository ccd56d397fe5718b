"""What a deletion would take along, counted but untouched."""

import os

import pytest

from tests.store import GID, UID, Store
from tests.vpopmail.people import accounts, alias, assign
from vpopmail import plans
from vpopmail.engines.base import NotFound, Refused
from vpopmail.models import Account, find_account


def mail(store: Store, *parts: str, size: int = 100) -> None:
    path = store.directory("example.com").joinpath(*parts)
    for sub in ("new", "cur", "tmp"):
        (path / "Maildir" / sub).mkdir(parents=True, exist_ok=True)
    (path / "Maildir" / "new" / "1700000000.1.host").write_text("x" * size)
    if os.geteuid() == 0:
        for directory, names, files in os.walk(store.directory("example.com")):
            for name in (*names, *files, "."):
                os.chown(os.path.join(directory, name), UID, GID)


@pytest.fixture
def there(store: Store) -> Store:
    assign(store, ("example.com", "example.com"), ("b.net", "example.com"), ("a.net", "example.com"))
    accounts(store, "example.com", ["alice", "bob"])
    mail(store, "alice", size=100)
    mail(store, "bob", size=50)
    return store


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_a_domain(there: Store) -> None:
    alias("example.com", "info", "&bob@example.com", "&alice@example.com")
    before = sorted(str(p) for p in there.directory("example.com").parent.rglob("*"))
    plan = plans.plan_vdeldomain("example.com")
    assert tuple(plan.accounts) == (2, False) and tuple(plan.aliases) == (1, False)
    assert list(plan.alias_domains) == ["a.net", "b.net"]
    assert plan.directory == str(there.directory("example.com"))
    assert plan.messages == 2 and plan.bytes >= 150 and plan.complete
    assert plan.kept_until is not None and not plan.refused and plan.notes
    assert plan.trash == f"{there.home}/domains/.vqweb-trash"
    assert sorted(str(p) for p in there.directory("example.com").parent.rglob("*")) == before, (
        "a plan makes nothing"
    )
    with pytest.raises(NotFound):
        plans.plan_vdeldomain("nowhere.org")
    with pytest.raises(Refused):
        plans.plan_vdeldomain("a.net")


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_an_account(there: Store) -> None:
    plan = plans.plan_vdeluser("a.net", "alice")
    assert plan.target == "alice@example.com" and plan.messages == 1 and plan.bytes >= 100
    assert plan.kept_until is not None and not plan.alias_lines
    alias("example.com", "alice", "&bob@example.com")
    plan = plans.plan_vdeluser("example.com", "alice")
    assert [line.line for line in plan.alias_lines] == ["&bob@example.com"] and plan.notes
    with pytest.raises(NotFound):
        plans.plan_vdeluser("example.com", "carol")


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    "elsewhere", ["", "/somewhere/alice", "{D}", "{D}/x/y/z/0/alice", "{D}/../alice", "{D}/bob"]
)
def test_a_mailbox_elsewhere_is_left_alone(there: Store, elsewhere: str) -> None:
    path = elsewhere.replace("{D}", str(there.directory("example.com")))
    Account.objects.filter(key="alice@example.com").update(dir=path)
    plan = plans.plan_vdeluser("example.com", "alice")
    assert plan.messages == 0 and plan.kept_until is None
    assert any("left where it is" in note for note in plan.notes)


@pytest.mark.stores("sqlite")
def test_placement(there: Store) -> None:
    account = find_account("example.com", "alice")
    assert account is not None
    directory = str(there.directory("example.com"))
    for hashed in ("", "0", "0/z", "0/z/A"):
        account.dir = "/".join(part for part in (directory, hashed, "alice") if part)
        assert plans.placement(account, directory) == hashed


@pytest.mark.stores("sqlite")
@pytest.mark.ways("command", "socket")
def test_through_a_helper_of_its_own(there: Store) -> None:
    assert plans.plan_vdeldomain("example.com").messages == 2
    plan = plans.plan_vdeluser("example.com", "alice")
    assert plan.messages == 1 and plan.kept_until is not None and not plan.refused


@pytest.mark.stores("many")
def test_an_alias_domain(there: Store) -> None:
    plan = plans.plan_vdelalias_domain("a.net")
    assert (plan.domain, plan.target, list(plan.alias_domains)) == ("example.com", "a.net", ["a.net"])
    assert plan.bytes == 0 and len(plan.notes) == 2
    with pytest.raises(Refused):
        plans.plan_vdelalias_domain("example.com")
    with pytest.raises(NotFound):
        plans.plan_vdelalias_domain("nowhere.org")


@pytest.mark.stores("sqlite")
def test_the_account_that_gets_mail_for_unknown_addresses(there: Store) -> None:
    def about_it(name: str) -> list[str]:
        return [note for note in plans.plan_vdeluser("example.com", name).notes if "unknown" in note]

    path = there.directory("example.com") / ".qmail-default"
    for argument in ("alice@b.net", f"{there.directory('example.com')}/alice/"):
        path.write_text(f"| {there.home}/bin/vdelivermail '' {argument}\n")
        os.chown(path, UID, GID) if os.geteuid() == 0 else None
        assert about_it("alice") and not about_it("bob")
    path.write_text(f"| {there.home}/bin/vdelivermail '' $EXT@b.net\n")
    assert not about_it("alice")
