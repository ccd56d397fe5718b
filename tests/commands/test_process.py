"""Commands as processes: standard input, output and error, and the exit status."""

import json
import os
import shutil

import pytest

from audit.models import Entry
from tests.commands.base import process
from tests.store import Store


@pytest.mark.ways("in-process", "command", "socket")
def test_from_domain_to_deletion(store: Store) -> None:
    ran = process(store, "vadddomain", "example.com", stdin="Secret.Pass1\n")
    assert ran.returncode == 0 and ran.stdout == "" and "Traceback" not in ran.stderr
    ran = process(store, "vadduser", "--json", "alice@example.com", stdin="Secret.Pass2\nSecret.Pass2\n")
    assert ran.returncode == 0 and json.loads(ran.stdout)["address"] == "alice@example.com"
    assert ran.stderr == ""
    assert [row["pw_name"] for row in store.accounts("example.com")] == ["alice", "postmaster"]
    assert process(store, "vdeldomain", "example.com").returncode == 0
    assert list(Entry.objects.values_list("state", "via").distinct()) == [("ok", "command")]


@pytest.mark.stores("sqlite")
def test_statuses_and_sentences(store: Store) -> None:
    process(store, "vadddomain", "example.com", stdin="Secret.Pass1\n")
    refused = process(store, "vadduser", "-q", "rubbish", "alice@example.com", stdin="x1\n")
    assert refused.returncode == 1 and refused.stdout == ""
    assert refused.stderr.count("\n") == 1 and "not a quota" in refused.stderr
    wrong = process(store, "vadduser", "--no-such-option", "alice@example.com")
    assert wrong.returncode == 2 and "usage:" in wrong.stderr
    missing = process(store, "vuserinfo", "nobody@example.com")
    assert missing.returncode == 3 and missing.stderr == "There is no account nobody@example.com.\n"
    assert process(store, "vadduser", "alice@example.com", stdin="").returncode == 1


@pytest.mark.stores("sqlite")
def test_input_that_is_no_text(store: Store) -> None:
    import subprocess
    import sys

    from tests.commands.base import ROOT

    process(store, "vadddomain", "example.com", stdin="Secret.Pass1\n")
    ran = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "vpasswd", "postmaster@example.com"],
        input=b"\xff\xfe\n",
        env={"PATH": "/usr/bin:/bin", **store.environ},
        capture_output=True,
        timeout=60,
    )
    assert ran.returncode == 1 and b"UTF-8" in ran.stderr and b"Traceback" not in ran.stderr


@pytest.mark.stores("many")
def test_a_database_that_cannot_be_reached(store: Store) -> None:
    store.environ["VPOPMAIL_DATABASE_URL"] = "mysql://root@localhost/x?unix_socket=/nonexistent/socket"
    for argv in (["vadduser", "a@example.com"], ["vdominfo"], ["vmoddomlimits", "-P", "5", "example.com"]):
        ran = process(store, *argv, stdin="x1\n")
        assert ran.returncode in (0, 3, 5) and "Traceback" not in ran.stderr
    ran = process(store, "vadddomain", "example.com", stdin="Secret.Pass1\n")
    assert ran.returncode == 5 and ran.stderr.count("\n") == 1
    assert store.control("assign") == "" and not store.directory("example.com").exists()


@pytest.mark.stores("sqlite")
def test_a_journal_that_cannot_be_written(store: Store) -> None:
    (store.state / "panel.sqlite").write_bytes(b"")
    ran = process(store, "vadddomain", "example.com", stdin="Secret.Pass1\n")
    assert ran.returncode == 5 and "journal" in ran.stderr and "Traceback" not in ran.stderr
    assert not store.directory("example.com").exists()


@pytest.mark.stores("sqlite")
def test_a_helper_that_cannot_be_reached(store: Store) -> None:
    for way in ("unix:/nonexistent.sock", "/nonexistent/helper"):
        store.environ["VPOPMAIL_HELPER"] = way
        ran = process(store, "vadddomain", "example.com", stdin="Secret.Pass1\n")
        assert ran.returncode == 5 and ran.stderr and "Traceback" not in ran.stderr


@pytest.mark.stores("sqlite")
def test_a_bad_setting_is_named(store: Store) -> None:
    store.environ["VPOPMAIL_LAYOUT"] = "sideways"
    ran = process(store, "vdominfo")
    assert ran.returncode == 1 and "VPOPMAIL_LAYOUT" in ran.stderr and "Traceback" not in ran.stderr


@pytest.mark.stores("sqlite")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_acts_as_the_owner_of_the_state(store: Store) -> None:
    """Run in a fork, so that this process stays root."""
    from audit.privilege import drop_root

    shutil.chown(store.state, 12345, 12346)
    key = store.state / "secret_key"
    key.write_text("just made")
    child = os.fork()
    if not child:
        try:
            drop_root()
            now = (os.getresuid(), os.getresgid(), os.getgroups())
            os._exit(0 if now == ((12345,) * 3, (12346,) * 3, [12346]) else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert key.stat().st_uid == 12345


@pytest.mark.stores("sqlite")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_stays_root_where_the_state_is_its_own(store: Store) -> None:
    from audit.privilege import drop_root

    drop_root()
    assert os.geteuid() == 0
