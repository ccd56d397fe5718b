"""vaddusers: many accounts at once are exactly as many accounts one by one."""

import pytest

from tests.engines.cast import account, add_domain, counter, execute, fail_at_every_step, names, row
from tests.fidelity import snapshot
from tests.store import Store
from vpopmail.engines import get_engine
from vpopmail.engines.base import Refused
from vpopmail.engines.native import accounts


@pytest.mark.stores("sqlite", "many", "perdomain", "handmade")
def test_the_same_result_as_single_calls(store: Store) -> None:
    number = 130
    for domain in ("one.example", "many.example"):
        add_domain(domain)
        get_engine().vmoddomlimits(domain, {"defaultquota": 5000})
        _free_places(store, domain, "7\n0/a\n")
    new = [account(f"user{i}", gecos=f"User {i}", quota="9S" if i % 3 else "") for i in range(number)]
    for one in new:
        get_engine().vadduser("one.example", one)
    get_engine().vaddusers("many.example", new)
    assert _about(store, "many.example") == _about(store, "one.example")
    assert row(store, "user120", "many.example")["pw_dir"].endswith("/0/user120")


def _about(store: Store, domain: str) -> object:
    """All that belongs to the domain, with its own name left out."""
    state = snapshot.take(store)
    left = ("id",)
    rows = [
        {name: value for name, value in one.items() if name not in left}
        for table in state["rows"].values()
        for one in table
        if domain in (one.get("pw_domain"), one.get("domain")) or domain in str(one.get("pw_dir"))
    ]
    tree = {path: entry for path, entry in state["tree"].items() if path.startswith(domain)}
    text = repr((sorted(rows, key=repr), sorted(tree.items())))
    return text.replace(domain, "DOMAIN")


def _free_places(store: Store, domain: str, text: str) -> None:
    import os

    path = store.directory(domain) / ".dir_control_free"
    path.write_text(text)
    if os.geteuid() == 0:
        os.chown(path, 89, 89)


@pytest.mark.stores("sqlite", "many", "perdomain", "handmade")
def test_all_or_none_also_across_transactions(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "CHUNK", 3)
    add_domain("example.com", "bob")
    execute("UPDATE dir_control SET cur_users = 97 WHERE domain = 'example.com'")
    new = [account(f"user{i}") for i in range(8)]
    steps = fail_at_every_step(store, lambda: get_engine().vaddusers("example.com", new))
    assert steps > 15
    assert len(names(store)) == 10
    assert counter(store) == 105


@pytest.mark.stores("sqlite", "many")
@pytest.mark.parametrize("bad", ["user1", "bob", "x", "a b"])
def test_one_bad_name_refuses_them_all(store: Store, bad: str) -> None:
    add_domain("example.com", "bob")
    with pytest.raises(Refused) as refusal:
        get_engine().vaddusers("example.com", [account("user1"), account("user2"), account(bad)])
    assert refusal.value.field == "name"
    assert names(store) == ["bob", "postmaster"]
    assert counter(store) == 2


@pytest.mark.stores("sqlite")
def test_none_at_all_is_nothing(store: Store) -> None:
    add_domain()
    get_engine().vaddusers("example.com", [])
    assert names(store) == ["postmaster"]
