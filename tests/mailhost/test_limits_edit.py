"""Editing vlimits.default: what people wrote into it stays as it is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailhost import limitsedit, limitsfile

# As vpopmail installs it, shortened.
SHIPPED = """# Default limits file.  This file is used for domains without a
# .qmailadmin-limits file.

# maximums for each account type, -1 = unlimited
maxpopaccounts\t\t-1
maxforwards\t\t-1

# quota for entire domain, in megabytes
#quota\t\t\t100

# default quota for newly created users (in bytes)
#default_quota\t\t10485760
#default_maxmsgcount\t1000

#disable_pop
#disable_imap

# So, to allow modification but not creation or deletion of
# POP/IMAP accounts, set perm_account to 5.

perm_account\t\t0
"""
KEYS = sorted({**limitsfile.COUNTS, **limitsfile.SWITCHES}.values()) + list(limitsfile.PERMISSIONS)
LINES = st.one_of(
    st.builds(
        lambda a, b, c: f"{a}{b}{c}", st.sampled_from(KEYS), st.sampled_from(" :\t"), st.integers(-9, 99)
    ),
    st.sampled_from(
        [
            *KEYS,
            *(f"#{key}" for key in KEYS),
            "",
            "# a remark",
            "other 5",
            " maxaliases 3",
            "maxaliases 5 five",
        ]
    ),
    st.text(st.characters(blacklist_characters="\r\n\0", blacklist_categories=("Cs",)), max_size=20),
)
TEXTS = st.lists(st.tuples(LINES, st.sampled_from(["\n", "\r\n", "\r"])), max_size=12).map(
    lambda lines: "".join(line + end for line, end in lines)
)
VALUES = {
    **dict.fromkeys(limitsfile.COUNTS, st.integers(-1, 2**40)),
    **dict.fromkeys(limitsfile.SWITCHES, st.integers(0, 1)),
    **dict.fromkeys(limitsfile.PERMISSIONS, st.integers(0, 7)),
}
CHANGES = st.fixed_dictionaries({}, optional={name: st.none() | value for name, value in VALUES.items()})


def apart(text: str) -> list[str]:
    """The lines that are no limits."""
    return [line for line in re.split(r"[\r\n]+", text) if line and not limitsedit.said(line)]


@given(TEXTS, CHANGES)
def test_exactly_what_was_asked_for_changes(text, changes):
    edited = limitsedit.edit(text, changes)
    wanted = {name: limitsfile.DEFAULTS[name] if value is None else value for name, value in changes.items()}
    assert limitsfile.parse(edited) == limitsfile.parse(text) | wanted
    gone = {name for name, value in changes.items() if limitsedit._said(name, value) is None}
    assert limitsedit.said(edited) == (limitsedit.said(text) | set(changes)) - gone
    assert apart(edited) == apart(text)


@given(TEXTS)
def test_without_a_change_nothing_changes(text):
    assert limitsedit.edit(text, {}) == text
    present = limitsfile.parse(text)
    assert (
        limitsfile.parse(limitsedit.edit(text, {name: present[name] for name in limitsedit.said(text)}))
        == present
    )


@given(CHANGES)
def test_the_shipped_file(changes):
    edited = limitsedit.edit(SHIPPED, changes)
    assert limitsedit.check_edited(edited, SHIPPED) == edited
    assert limitsedit.edit(edited, changes) == edited


def test_in_its_place():
    edited = limitsedit.edit(
        SHIPPED, {"maxpopaccounts": 50, "defaultquota": 2**31, "disable_pop": 1, "maxaliases": 7}
    )
    assert edited == (
        SHIPPED.replace("maxpopaccounts\t\t-1", "maxpopaccounts\t\t50")
        .replace("10485760\n", "10485760\ndefault_quota: 2147483648\n")
        .replace("#disable_pop\n", "#disable_pop\ndisable_pop\n")
        + "maxaliases: 7\n"
    )
    back = limitsedit.edit(edited, {"defaultquota": None, "disable_pop": 0, "maxaliases": None})
    assert back == SHIPPED.replace("maxpopaccounts\t\t-1", "maxpopaccounts\t\t50")


def test_a_last_line_without_an_end_gets_one():
    assert limitsedit.edit("maxaliases 3", {"maxforwards": 4}) == "maxaliases 3\nmaxforwards: 4\n"
    assert limitsedit.edit("maxaliases 3", {"maxaliases": 4}) == "maxaliases 4"
    assert limitsedit.edit("", {"disable_imap": 1}) == "disable_imap\n"


def test_of_two_lines_both_change():
    assert limitsedit.edit("maxaliases 1\nmaxaliases 2 # two\n", {"maxaliases": 3}) == (
        "maxaliases 3\nmaxaliases 3 # two\n"
    )


@pytest.mark.parametrize("line", ["nonsense", "maxaliases many", "maxaliases", "|/bin/sh"])
def test_new_lines_are_limits_or_comments(line):
    with pytest.raises(ValueError):
        limitsedit.check_edited(f"maxaliases 1\n{line}\n", "maxaliases 1\n")
    text = f"maxaliases 2\n{line}\n"
    assert limitsedit.check_edited(text, f"maxaliases 1\n{line}\n") == text
    assert limitsedit.check_edited(f"#{line}\n", "") == f"#{line}\n"


def test_no_longer_than_vpopmail_reads():
    with pytest.raises(ValueError, match="2047"):
        limitsedit.check_edited("#" + "ä" * 1030, "")
