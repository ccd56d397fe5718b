"""Emptying the trash: by the timer on the mail host, never by a verb."""

import os
import subprocess
import sys
import time

import pytest

from mailhost.verbs import VERBS
from tests.mailhost.base import ROOT

DAY = 24 * 60 * 60


def run(host):
    argv = [sys.executable, "-m", "mailhost", "--config", str(host.root / "helper.conf"), "--empty-trash"]
    return subprocess.run(argv, cwd=ROOT, capture_output=True).returncode


@pytest.fixture
def parked(host):
    host.add_domain()
    for name in ("old", "new"):
        host.add_mailbox(name)
        host.mail(host.domains / "example.com" / name)
        host.call("park_mailbox", entry=f"entry-{name}", domain="example.com", name=name, hash="")
    trash = host.domains / ".vqweb-trash"
    before = time.time() - 31 * DAY
    os.utime(trash / "entry-old", (before, before))
    return host


def test_only_what_was_kept_long_enough_goes(parked):
    trash = parked.domains / ".vqweb-trash"
    assert run(parked) == 0
    assert [path.name for path in trash.iterdir()] == ["entry-new"]
    assert (trash / "entry-new/new@example.com/Maildir/new/1.host,S=5").exists()


def test_a_shorter_retention_counts_at_once(parked):
    os.utime(parked.domains / ".vqweb-trash/entry-new", (time.time() - 2 * DAY,) * 2)
    parked.configure(trash_days=1)
    assert run(parked) == 0 and not list((parked.domains / ".vqweb-trash").iterdir())


def test_links_in_the_trash_are_not_followed(parked):
    outside = parked.root / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    entry = parked.domains / ".vqweb-trash/entry-old"
    before = entry.stat().st_mtime
    os.symlink(outside, entry / "link")
    os.utime(entry, (before, before))
    assert run(parked) == 0
    assert not entry.exists() and (outside / "precious").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_what_belongs_to_root_is_left_and_told(parked):
    os.chown(parked.domains / ".vqweb-trash/entry-old", 0, 0)
    assert run(parked) == 1 and (parked.domains / ".vqweb-trash/entry-old").exists()


def test_only_one_verb_empties_it_and_it_is_off_by_default(host):
    assert [name for name, verb in VERBS.items() if verb.group == "trash"] == ["forget"]
    assert not [name for name in VERBS if "empty" in name or "purge" in name]
    assert "trash" not in host.config.groups
