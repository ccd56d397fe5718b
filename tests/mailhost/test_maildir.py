"""Mailboxes and maildirsize."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailhost import maildir

SUM = st.integers(0, 10**15)


@given(
    st.sampled_from(["10S", "5C", "10485760S,1000C"]),
    SUM,
    st.integers(0, 10**8),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 9)), max_size=20),
)
def test_the_sum_is_that_of_all_lines(quota, size, count, deltas):
    data = maildir.size_file(quota, size, count) + b"".join(b"%d %d\n" % delta for delta in deltas)
    assert maildir.read_size_file(data) == (
        quota,
        size + sum(d[0] for d in deltas),
        count + sum(d[1] for d in deltas),
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"10S\n",
        b"10S\n1 1",
        b"10S\nx y\n",
        b"10S\n-5 -1\n",
        b"10S\n" + b"1 1\n" * 2000,
        b"10S\n999999999999999999 1\n",
    ],
)
def test_unsound_files(data):
    assert maildir.read_size_file(data) is None


@pytest.mark.parametrize("text", ["", "NOQUOTA", "10S", "10", "5C", "10485760S,1000C"])
def test_quotas(text):
    assert maildir.is_quota(text)


@pytest.mark.parametrize("text", ["2G", "x", "10S,", "S", "-1S", "1S,1S,1S", "10 S", "10S\n"])
def test_no_quotas(text):
    assert not maildir.is_quota(text)


@pytest.mark.parametrize(
    ("text", "limited"), [("", False), ("NOQUOTA", False), ("0S", False), ("1S", True), ("0S,5C", True)]
)
def test_limited(text, limited):
    assert maildir.is_limited(text) is limited


def test_deleted_messages():
    assert (
        maildir.is_deleted("1.host:2,ST")
        and not maildir.is_deleted("1.host:2,S")
        and not maildir.is_deleted("T.host")
    )


def make(path, *messages, folder=""):
    for part in maildir.SUBDIRECTORIES:
        (path / "Maildir" / folder / part).mkdir(parents=True, exist_ok=True)
    for name in messages:
        (path / "Maildir" / folder / name).write_text("x" * 10)
    return path


def opened(path):
    return maildir.open_directory(str(path))


def test_counting_leaves_out_trash_and_deleted_and_believes_the_name(tmp_path):
    make(tmp_path, "new/1.h", "cur/2.h,S=500:2,S", "cur/3.h:2,T")
    make(tmp_path, "cur/4.h", folder=".Trash")
    make(tmp_path, "cur/5.h", folder=".Sent")
    with opened(tmp_path) as fd:
        usage = maildir.count(fd, 5)
    assert (usage.bytes, usage.messages, usage.complete) == (520, 3, True)


def test_counting_stops_in_time(tmp_path):
    make(tmp_path, "new/1.h")
    with opened(tmp_path) as fd:
        assert not maildir.count(fd, -1).complete


def test_mail_is_found_in_every_folder(tmp_path):
    make(tmp_path)
    with opened(tmp_path) as fd:
        assert not maildir.has_mail(fd)
    make(tmp_path, "cur/1.h:2,T", folder=".Trash")
    with opened(tmp_path) as fd:
        assert maildir.has_mail(fd)


def test_only_an_empty_skeleton_is_fresh(tmp_path):
    make(tmp_path)
    (tmp_path / "Maildir" / "maildirsize").write_text("1S\n0 0\n")
    make(tmp_path, folder=".Junk")
    with opened(tmp_path) as fd:
        assert maildir.is_fresh(fd)
    (tmp_path / ".qmail").write_text("&old@owner.test\n")
    with opened(tmp_path) as fd:
        assert not maildir.is_fresh(fd)


def test_a_linked_maildir_is_neither_fresh_nor_followed(tmp_path):
    elsewhere = make(tmp_path / "elsewhere", "new/1.h")
    box = tmp_path / "box"
    box.mkdir()
    os.symlink(elsewhere / "Maildir", box / "Maildir")
    with opened(box) as fd:
        assert not maildir.is_fresh(fd) and not maildir.has_mail(fd) and maildir.count(fd, 1).messages == 0


def test_measuring_very_deep_trees_ends(tmp_path):
    path = tmp_path
    for _ in range(maildir.DEEPEST + 5):
        path = path / "d"
    path.mkdir(parents=True)
    usage = maildir.Usage()
    with opened(tmp_path) as fd:
        maildir.measure(fd, float("inf"), usage)
    assert not usage.complete
