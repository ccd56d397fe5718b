"""An account's forwarding: what lines mean, and which lines say what is wanted."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailhost import dotqmail
from tests import recorded
from vpopmail.engines.base import Refused
from vpopmail.forwarding import compose
from vpopmail.forwarding_parts import Forwarding, Place, parse

D = "/home/vpopmail/domains/example.com/alice"
MAILDIR = f"{D}/Maildir/"
LDA = "|/var/qmail/bin/preline -f /usr/lib/dovecot/dovecot-lda -d $EXT@$USER"
PLAIN = Place(D, (MAILDIR,))
DEFAULT = Place(D, (LDA,), frozenset({LDA}))
VACATION = f"| /usr/bin/autorespond 86400 3 {D}/vacation/message {D}/vacation"
BOTH = pytest.mark.parametrize("place", [PLAIN, DEFAULT], ids=["vdelivermail", "defaultdelivery"])


def _read(*lines: str, place: Place = PLAIN) -> Forwarding:
    return parse(lines, place)


@BOTH
def test_no_file_and_an_empty_one_deliver_as_usual(place: Place) -> None:
    found = _read(place=place)
    assert (found.keeps_copy, found.blackhole, found.destinations) == (True, False, ())
    assert compose(found) == ()


@BOTH
@pytest.mark.parametrize("copy", [MAILDIR, "./Maildir/"])
def test_a_copy_is_kept_by_either_maildir_line(place: Place, copy: str) -> None:
    found = _read("&bob@x.test", "carol@x.test", copy, place=place)
    assert found.destinations == ("bob@x.test", "carol@x.test")
    assert found.keeps_copy and not found.blackhole and not found.delivers_twice and not found.foreign


@pytest.mark.parametrize(
    "line", ["# delete", "#delete", "|/bin/true delete", "| /usr/bin/true delete", "#", "# away", ""]
)
def test_lines_that_do_nothing_lose_all_mail(line: str) -> None:
    assert _read(line).blackhole and not _read(line).keeps_copy
    assert _read(line, VACATION).blackhole
    assert not _read(line, "&bob@x.test").blackhole and not _read(line, MAILDIR).blackhole


@pytest.mark.parametrize(
    "line",
    [
        "|/usr/bin/spam-filter",
        "/srv/mbox",
        "/srv/other/Maildir/",
        "&bob",
        "bob",
        "& bob@x.test",
        " &bob@x.test",
        "&bob@x.test ",
        "bob@x.test, carol@x.test",
        "./Maildir/ ",
        "./Maildir/\r",
        "Maildir/",
        "&caf\udce9@x.test",
    ],
)
def test_what_is_not_understood_is_kept(line: str) -> None:
    found = _read("&bob@x.test", line, "# by hand", MAILDIR)
    assert [part.text for part in found.foreign] == [line, "# by hand"]
    assert compose(found, destinations=["dave@x.test", "bob@x.test"], keeps_copy=False) == (
        "&bob@x.test",
        "&dave@x.test",
        line,
        "# by hand",
    )
    assert compose(found, destinations=["bob@x.test"], keeps_copy=True) == found.lines
    found.foreign[0].shown.encode()


def test_answering_programs_are_the_vacation() -> None:
    for line in (VACATION, f"|/usr/local/bin/qmail-autoresponder {D}/vacation"):
        found = _read(MAILDIR, line)
        assert found.vacation == line and not found.foreign
        assert compose(found, vacation="") == ()
        assert compose(found, destinations=["bob@x.test"]) == ("&bob@x.test", MAILDIR, line)


def test_an_answer_keeps_mail_coming_by_the_builds_own_delivery() -> None:
    assert compose(_read(), vacation=VACATION) == (MAILDIR, VACATION)
    assert compose(_read(place=DEFAULT), vacation=VACATION) == (LDA, VACATION)
    assert compose(_read("&bob@x.test", VACATION), vacation="|x/autorespond 1 2 a b") == (
        "&bob@x.test",
        "|x/autorespond 1 2 a b",
    )


def test_only_one_of_the_two_deliveries_is_written() -> None:
    assert compose(_read(), destinations=["b@x.test"]) == ("&b@x.test", MAILDIR)
    assert compose(_read(place=DEFAULT), destinations=["b@x.test"]) == ("&b@x.test", LDA)
    # What the other build wrote keeps a copy already.
    assert compose(_read(MAILDIR, place=DEFAULT), destinations=["b@x.test"]) == ("&b@x.test", MAILDIR)
    # A delivering program of somebody's own, too.
    own = "|/usr/bin/maildrop -d alice"
    assert compose(_read(own), destinations=["b@x.test"]) == (own, "&b@x.test")
    assert _read(own).keeps_copy and _read(own).keeps_by_program


def test_two_deliveries_are_told_and_mended_by_the_next_change() -> None:
    both = _read("&b@x.test", MAILDIR, LDA, place=DEFAULT)
    assert both.delivers_twice and compose(both, destinations=["b@x.test"]) == both.lines
    assert compose(both, destinations=["c@x.test"]) == ("&c@x.test", LDA)
    assert compose(_read(MAILDIR, "./Maildir/", MAILDIR), destinations=["c@x.test"]) == ("&c@x.test", MAILDIR)
    assert not _read("&b@x.test", MAILDIR).delivers_twice and not _read(LDA, place=DEFAULT).delivers_twice
    assert _read(MAILDIR, "|/usr/bin/procmail").delivers_twice


def test_a_file_that_says_what_happens_anyway_is_not_needed() -> None:
    forwarded = _read("&b@x.test", MAILDIR)
    assert compose(forwarded, destinations=[]) == ()
    assert compose(forwarded, destinations=[], keeps_copy=True) == ()
    assert compose(_read("&b@x.test"), destinations=[], keeps_copy=True) == ()
    assert compose(_read("# by hand", "&b@x.test"), destinations=[], keeps_copy=True) == (
        "# by hand",
        MAILDIR,
    )
    assert compose(_read(MAILDIR)) == (MAILDIR,)


def test_mail_is_thrown_away_only_when_that_is_said() -> None:
    with pytest.raises(Refused):
        compose(_read(), keeps_copy=False)
    with pytest.raises(Refused):
        compose(_read("&b@x.test"), destinations=[])
    with pytest.raises(Refused):
        compose(_read(), blackhole=True)
    assert compose(_read(), keeps_copy=False, blackhole=True) == ("# delete",)
    assert compose(_read("# delete"), blackhole=False, keeps_copy=True) == ()
    assert compose(_read("# delete"), blackhole=False, destinations=["b@x.test"]) == ("&b@x.test",)
    with pytest.raises(Refused):
        compose(_read("|/usr/bin/spam-filter"), blackhole=True)


def test_the_first_and_last_lines_stay_around_new_addresses() -> None:
    found = _read("|/usr/bin/filter", "&a@x.test", "&b@x.test", MAILDIR, VACATION)
    assert compose(found, destinations=["b@x.test", "c@x.test"]) == (
        "|/usr/bin/filter",
        "&b@x.test",
        "&c@x.test",
        MAILDIR,
        VACATION,
    )


def _recorded() -> list[dict[str, Any]]:
    """What the real vdelivermail did with one file in alice's mailbox, and nothing else changed."""
    file = "{V}/domains/example.com/alice/.qmail"
    return [
        case | {"content": case["state"]["files"][file]["content"]}
        for case in recorded.load("delivery")["cases"]
        if case["address"] == "alice@example.com" and list(case["state"]) == ["files"]
        if list(case["state"]["files"]) == [file]
    ]


def test_vpopmail_delivers_as_is_said_here() -> None:
    """Compared with the recordings: where mail was put, to whom it was sent, and that it was lost."""
    place = Place("{V}/domains/example.com/alice", ("{V}/domains/example.com/alice/Maildir/",))
    cases = _recorded()
    assert len(cases) > 20
    for case in cases:
        found = parse(dotqmail.parse(case["content"].encode()), place)
        outcome = case["outcome"]
        arrived = [path for path in outcome.get("appeared", ()) if "/alice/Maildir/new/" in path]
        sent = [to for envelope in outcome.get("envelopes", ()) for to in envelope["recipients"]]
        acts = [part for part in found.foreign if not part.text.startswith("#")]
        if any(part.text.startswith("|") or part.waits for part in acts):
            assert set(sent) <= set(found.destinations), case["name"]
            assert not any(part.waits for part in acts) or outcome["exit"] == 111, case["name"]
            continue
        assert bool(arrived) == found.keeps_copy, case["name"]
        assert set(found.destinations) <= set(sent), case["name"]
        assert found.blackhole == (outcome["exit"] == 0 and not outcome.get("appeared") and not any(sent)), (
            case["name"]
        )


_names = st.sampled_from([f"{name}@x.test" for name in "abcdef"])
_lines = st.lists(
    st.one_of(
        _names,
        _names.map("&{}".format),
        st.sampled_from([MAILDIR, "./Maildir/", LDA, VACATION, "# delete", "", "#", "|/bin/true delete"]),
        st.binary(max_size=20).map(lambda data: data.replace(b"\n", b"").decode("utf-8", "surrogateescape")),
    ),
    max_size=8,
)
_places = st.sampled_from([PLAIN, DEFAULT])


@given(_lines, _places)
def test_nothing_said_changes_nothing(lines: list[str], place: Place) -> None:
    found = parse(lines, place)
    assert found.lines == tuple(lines)
    said = compose(
        found,
        destinations=list(found.destinations),
        keeps_copy=found.keeps_copy,
        blackhole=found.blackhole,
        vacation=found.vacation,
    )
    assert said == found.lines


@given(_lines, _places, st.lists(_names, max_size=4), st.booleans(), st.booleans(), st.booleans())
def test_what_is_written_reads_as_what_was_wanted(
    lines: list[str], place: Place, wanted: list[str], keeps: bool, lost: bool, away: bool
) -> None:
    former = parse(lines, place)
    try:
        after = parse(
            compose(
                former,
                destinations=wanted,
                keeps_copy=keeps,
                blackhole=lost,
                vacation=VACATION if away else "",
            ),
            place,
        )
    except Refused:
        return
    assert set(after.destinations) == set(wanted)
    assert after.vacation == (VACATION if away else "")
    assert after.blackhole == lost
    assert after.keeps_copy == keeps or former.keeps_by_program
    if after.parts:  # the foreign lines are all there, in their order
        assert [part.text for part in after.foreign] == [part.text for part in former.foreign]
    else:
        assert not former.foreign
    if after.lines != former.lines and not former.keeps_by_program:
        assert not after.delivers_twice
