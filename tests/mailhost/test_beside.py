"""take_mailbox, take_alias, move_paths and their inverses, former_directory, parked_aliases."""

import os

import pytest

BACK = {
    "domain": "example.com",
    "name": "alice",
    "hash": "0",
    "source": "e",
    "former": "example.com",
    "was": "alice",
    "inside": "0",
}
ALIAS = {"domain": "example.com", "name": "sales", "source": "e", "former": "example.com", "was": "sales"}


@pytest.fixture
def parked(any_host):
    """example.com with alice and the alias sales in the trash under "e", and there anew."""
    D = any_host.add_domain()
    any_host.add_mailbox("alice", "0")
    any_host.mail(D / "0/alice")
    any_host.write(D / ".qmail-sales", f"{D}/0/alice/Maildir/\n&old@elsewhere.example\n")
    any_host.call("check_park", entry="e", domain="example.com")
    any_host.call("disconnect_domain", entry="e", domains=["example.com"])
    any_host.call("park_domain", entry="e", domain="example.com")
    any_host.add_domain()
    any_host.place = any_host.domains / ".vqweb-trash/e/example.com"
    return any_host


def test_where_it_was_and_which_aliases_it_had(parked):
    found = parked.call("former_directory", source="e", domain="example.com")
    assert found["directory"] == str(parked.domains / "example.com")
    assert parked.call("parked_aliases", source="e", former="example.com") == {"names": ["sales"]}
    assert parked.call("parked_aliases", source="e", former="example.com", after="sales") == {"names": []}
    assert parked.call("parked_aliases", source="e", former="other.example") == {"names": []}


def test_a_mailbox_is_taken_and_goes_back(parked):
    before = parked.tree()
    answer = parked.call("take_mailbox", entry="r", **BACK)
    assert answer == {"restored": True, "messages": 0, "left": []}
    assert parked.call("take_mailbox", entry="r", **BACK) == answer
    assert (parked.domains / "example.com/0/alice/Maildir/new/1.host,S=5").exists()
    assert not (parked.place / "0/alice").exists()
    parked.call("untake_mailbox", entry="r", **BACK)
    assert parked.tree() == before
    assert parked.call("take_mailbox", entry="r2", **{**BACK, "name": "anna", "hash": ""})["restored"]


def test_what_stands_is_refused_unless_mail_is_merged(parked):
    parked.add_mailbox("alice", "0")
    parked.mail(parked.domains / "example.com/0/alice", "new.host")
    before = parked.tree()
    assert parked.error("take_mailbox", entry="r", **BACK).code == "exists"
    assert parked.tree() == before
    assert parked.call("take_mailbox", entry="r2", merge=True, **BACK)["messages"] == 1
    assert len(list((parked.domains / "example.com/0/alice/Maildir/new").iterdir())) == 2


def test_what_is_not_there_and_what_is_a_link_is_left(parked):
    nobody = {**BACK, "name": "nobody", "was": "nobody", "inside": "1"}
    assert parked.call("take_mailbox", entry="r", **nobody)["restored"] is False
    os.rename(parked.place / "0", parked.place / "real")
    (parked.place / "0").symlink_to(parked.place / "real")
    parked.own(parked.place / "0")
    assert parked.error("take_mailbox", entry="r2", **BACK).code == "io"
    assert (parked.place / "real/alice").is_dir()
    for bad in ({"inside": ".."}, {"former": "../x"}, {"was": "a/b"}, {"source": ".."}):
        assert parked.error("take_mailbox", entry="r3", **{**BACK, **bad}).code == "refused"


def test_lines_of_an_alias_are_added_and_taken_back(parked):
    D = parked.domains / "example.com"
    file = parked.write(D / ".qmail-sales", "&new@elsewhere.example\n&old@elsewhere.example\n")
    added = parked.call("take_alias", entry="r", **ALIAS)
    assert added == {"lines": [f"{D}/0/alice/Maildir/"], "made": False}
    assert file.read_text() == f"&new@elsewhere.example\n&old@elsewhere.example\n{D}/0/alice/Maildir/\n"
    parked.call("untake_alias", entry="r", domain="example.com", name="sales", **added)
    assert file.read_text() == "&new@elsewhere.example\n&old@elsewhere.example\n"
    file.unlink()
    made = parked.call("take_alias", entry="r2", **ALIAS)
    assert made["made"] and file.exists()
    parked.call("untake_alias", entry="r2", domain="example.com", name="sales", **made)
    assert not file.exists()
    assert (parked.place / ".qmail-sales").exists()


def test_paths_follow_to_another_name_and_back(parked):
    new, old = parked.domains / "new.example", parked.domains / "example.com"
    where = {"domain": "new.example", "source": "e", "was": "example.com"}
    parked.write(parked.place / "0/alice/.qmail", f"{old}/0/alice/Maildir/\n&x@example.com\n")
    parked.write(parked.place / ".qmail-default", f"| {parked.home}/bin/vdelivermail '' {old}/0/alice\n")
    parked.write(parked.place / ".qmail-other", f"/elsewhere{old}/0/alice/Maildir/\n")
    before = parked.tree(parked.place)
    parked.call("restore_domain", entry="r", **where)
    assert parked.call("move_paths", entry="r", **where) == {"addressed": ["0/alice/.qmail"]}
    assert (new / "0/alice/.qmail").read_text() == f"{new}/0/alice/Maildir/\n&x@example.com\n"
    assert (new / ".qmail-default").read_text() == f"| {parked.home}/bin/vdelivermail '' {new}/0/alice\n"
    assert (new / ".qmail-other").read_text() == f"/elsewhere{old}/0/alice/Maildir/\n"
    assert parked.entry(new / "0/alice/.qmail")[:3] == ["f", "0o600", "vpopmail"]
    parked.call("move_paths", entry="r", back=True, **where)
    parked.call("unrestore_domain", entry="r", **where)
    assert parked.tree(parked.place) == before and not new.exists()
