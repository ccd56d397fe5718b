"""Reading the data bases that qmail's compilers make."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailhost import cdb, qmail
from tests.fake_qmail import make_cdb

PAIRS = st.dictionaries(st.binary(max_size=20), st.binary(max_size=40), max_size=50)


@given(PAIRS, st.binary(max_size=20))
def test_every_key_is_found_and_no_other(pairs, other):
    data = make_cdb(pairs.items())
    assert all(cdb.get(data, key) == value for key, value in pairs.items())
    assert cdb.get(data, other) == pairs.get(other)
    assert dict(cdb.items(data)) == pairs


@given(st.binary(max_size=4000), st.binary(max_size=10))
def test_damaged_files_end_in_bad_cdb_or_nothing(data, key):
    with suppress(cdb.BadCdb):
        cdb.get(data, key)


def test_the_entry_of_a_domain_is_what_qmail_newu_writes(tmp_path):
    from tests import fake_qmail

    line = qmail.AssignLine("alias.test", "a.test", 89, 90, "/d/a.test")
    fake_qmail.install(tmp_path)
    (tmp_path / "users" / "assign").write_text(f"{line}\n.\n")
    assert fake_qmail.newu(str(tmp_path)) == 0
    key, value = qmail.cdb_entry(line)
    assert cdb.get((tmp_path / "users" / "cdb").read_bytes(), key) == value
    assert value == b"a.test\x0089\x0090\0/d/a.test\0-\0"


def test_short_files_are_bad():
    with pytest.raises(cdb.BadCdb):
        cdb.get(b"short", b"key")
