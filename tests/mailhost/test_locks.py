"""Locks: they exclude threads, processes, and vpopmail's own lockf."""

import fcntl
import multiprocessing
import os
import subprocess
import sys
import threading
import time

import pytest

from mailhost.errors import HelperError
from mailhost.locks import FileLock, all_of
from mailhost.qmail import parse_assign

HOLD = """
import fcntl, sys
file = open(sys.argv[1], "a+")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_threads_exclude_each_other(tmp_path):
    path = str(tmp_path / "lock")
    with FileLock(path, 1), pytest.raises(HelperError) as caught:
        FileLock(path, 0.05).acquire()
    assert caught.value.code == "busy"
    with FileLock(path, 0.05):
        pass


def test_waiting_ends_when_the_lock_is_given_back(tmp_path):
    path = str(tmp_path / "lock")
    first = FileLock(path, 1).acquire()
    threading.Timer(0.1, first.release).start()
    start = time.monotonic()
    with FileLock(path, 5):
        assert 0.05 < time.monotonic() - start < 2


def test_all_or_none(tmp_path):
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    with FileLock(b, 1), pytest.raises(HelperError), all_of([FileLock(a, 0.05), FileLock(b, 0.05)]):
        pass
    with FileLock(a, 0.05):
        pass


def test_a_lock_file_is_made_private_and_never_a_link(tmp_path):
    with FileLock(str(tmp_path / "lock"), 1):
        assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
    os.symlink("lock", tmp_path / "link")
    with pytest.raises(OSError):
        FileLock(str(tmp_path / "link"), 1).acquire()
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(HelperError):
        FileLock(str(tmp_path / "fifo"), 1).acquire()


def test_closing_another_descriptor_does_not_lose_it(tmp_path):
    path = str(tmp_path / "lock")
    with FileLock(path, 1):
        open(path).close()
        with pytest.raises(HelperError):
            FileLock(path, 0.02).acquire()


@pytest.mark.parametrize(
    "name",
    ["users/assign.lock", "control/rcpthosts.lock", "control/virtualdomains.lock", "control/locals.lock"],
)
def test_a_posix_lock_of_another_program_makes_the_verb_busy(any_host, name):
    host = any_host
    host.call("make_domain", domain="a.com")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(host.qmail / name)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline() == "held\n"
        error = host.error("connect_domain", entry="e", domain="a.com", real="a.com")
        assert error.code == "busy" and name.split("/")[1].removesuffix(".lock") in error.message
        assert host.control("assign") is None and host.control("rcpthosts") == "mailhost.test\n"
    finally:
        holder.communicate()
    host.call("connect_domain", entry="e", domain="a.com", real="a.com")


def test_our_lock_excludes_lockf(tmp_path):
    path = str(tmp_path / "lock")
    script = "import fcntl,sys; fcntl.lockf(open(sys.argv[1],'a+'), fcntl.LOCK_EX|fcntl.LOCK_NB)"
    with FileLock(path, 1):
        assert subprocess.run([sys.executable, "-c", script, path], stderr=subprocess.DEVNULL).returncode
    assert not subprocess.run([sys.executable, "-c", script, path]).returncode
    assert fcntl.F_OFD_SETLK


def test_a_domain_being_worked_on_is_busy_for_every_change_but_not_for_reads(host):
    host.add_domain()
    with FileLock(str(host.config.state / "locks/example.com.lock"), 1):
        error = host.error(
            "write_dotqmail", domain="example.com", name="sales", lines=["a@b.test"], expect=None
        )
        assert error.code == "busy" and "example.com" in error.message
        assert host.error("connect_domain", domain="z.com", real="example.com").code == "busy"
        host.call("list_dotqmail", domain="example.com")


def _add(config, names):
    from mailhost.client import connect

    client = connect("", config)
    for name in names:
        client.call("make_domain", domain=name)
        client.call("connect_domain", domain=name, real=name)


def test_two_processes_and_two_threads_lose_no_line(make_host):
    host = make_host(programs=False, lock_timeout=60.0)
    sets = [[f"{letter}{number}.test" for number in range(8)] for letter in "abcd"]
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_add, args=(host.config, names)) for names in sets[:2]]
    workers += [threading.Thread(target=_add, args=(host.config, names)) for names in sets[2:]]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    expected = sorted(name for names in sets for name in names)
    assert sorted(line.domain for line in parse_assign(host.control("assign"))) == expected
    assert sorted(host.control("rcpthosts").split()) == sorted([*expected, "mailhost.test"])
    assert sorted(line.split(":")[0] for line in host.control("virtualdomains").split()) == expected


def test_slots_taken_at_once_are_taken_once(host):
    host.configure(lock_timeout=30.0)
    host.add_domain()
    hashes = list("0123456789abcdefghij")
    host.call("give_slots", domain="example.com", hashes=hashes)
    taken = []

    def take():
        for _ in range(5):
            taken.extend(host.call("take_slots", domain="example.com", count=1)["hashes"])

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(hashes)
