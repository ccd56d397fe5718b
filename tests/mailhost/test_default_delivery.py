"""`.qmail-default`: what the recorded forms mean, what is written, write_default_delivery."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailhost import delivery
from mailhost.dotqmail import BadLine, parse
from tests import recorded

V = "/home/vpopmail"
FILE = "{V}/domains/example.com/.qmail-default"
PLAIN = f"| {V}/bin/vdelivermail '' bounce-no-mailbox"


def recordings():
    """The file, the address, what became of the message, and the first recipient it went on to."""
    for case in recorded.load("delivery")["cases"]:
        file = case["state"].get("files", {}).get(FILE, "")
        if file == "" or set(case["state"]) != {"files"} or len(case["state"]["files"]) != 1:
            continue
        if file is None or file.get("mode") == "0600":
            outcome = case["outcome"]
            text = None if file is None else file["content"].replace("{V}", V)
            sent = [to for mail in outcome.get("envelopes") or () for to in mail["recipients"]]
            yield text, case["address"], outcome["class"], sent[0] if sent else ""


def test_the_recordings_are_understood():
    """What vdelivermail and qmail-local really did with each form is what the panel says of it."""
    seen = 0
    for text, address, result, sent in recordings():
        found = delivery.parse(None if text is None else parse(text.encode()))
        about = (text, address, result, sent, found)
        if not address.startswith("nobody@"):
            if found.kind in ("broken", "lost"):
                assert result == {"broken": "deferred", "lost": "discarded"}[found.kind], about
            continue
        seen += 1
        if result == "discarded":
            assert found.kind == "delete", about
        elif result == "forwarded" and found.kind == "unclear":
            assert sent == f"{found.target}@oracle.test", about
        elif result == "forwarded":
            assert (found.kind, found.target) == ("address", sent) or found.kind == "directory", about
        elif text is None:
            assert found.kind == "missing", about
    assert seen > 12


@pytest.mark.parametrize(
    ("argument", "kind", "target"),
    [
        ("bounce-no-mailbox", "bounce", ""),
        ("'delete'", "delete", ""),
        ("anna@example.com", "address", "anna@example.com"),
        ("$EXT@Other.example", "domain", "other.example"),
        ('"$EXT"@other.example', "domain", "other.example"),
        ("'$EXT@other.example'", "unclear", "'$EXT@other.example'"),
        ("/home/vpopmail/domains/example.com/anna", "directory", "/home/vpopmail/domains/example.com/anna"),
        ("bounce", "unclear", "bounce"),
        ("delete\r", "unclear", "delete\r"),
        ("delete extra", "broken", "delete extra"),
        ("&anna@example.com", "broken", "&anna@example.com"),
        ("", "broken", ""),
    ],
)
def test_arguments(argument, kind, target):
    found = delivery.parse([f"| {V}/bin/vdelivermail '' {argument}"])
    assert (found.kind, found.target) == (kind, target)


def test_what_another_program_does_is_foreign():
    lines = ["|/usr/lib/dovecot/dovecot-lda -d $EXT@$USER"]
    assert delivery.parse(lines) == delivery.Delivery("foreign", others=tuple(lines))
    assert delivery.parse([PLAIN, PLAIN]).kind == "foreign"
    beside = delivery.parse(["# note", *lines, PLAIN, ""])
    assert (beside.kind, beside.place, beside.others) == ("bounce", 2, tuple(lines))


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
DOMAIN = st.builds("{}.{}".format, LABEL, LABEL)
NAME = st.from_regex(r"[a-z0-9_+=][a-z0-9._+=-]{0,20}", fullmatch=True)
UNKNOWN = (
    st.sampled_from(["bounce", "delete"]) | DOMAIN.map("@{}".format) | st.builds("{}@{}".format, NAME, DOMAIN)
)
OTHERS = st.lists(
    st.sampled_from(["# note", "", "|/usr/bin/filter", "&copy@elsewhere.example", "| true  "]), max_size=4
)


def meaning(unknown):
    if unknown in ("bounce", "delete"):
        return unknown, ""
    return ("domain", unknown[1:]) if unknown.startswith("@") else ("address", unknown)


@given(before=UNKNOWN, after=UNKNOWN, above=OTHERS, below=OTHERS)
def test_what_is_written_is_read_back_and_other_lines_stay(before, after, above, below):
    [line] = delivery.composed(None, before, V)
    lines = delivery.composed([*above, line, *below], after, V)
    found = delivery.parse(lines)
    assert (found.kind, found.target) == meaning(after)
    assert lines[: len(above)] == above and lines[len(above) + 1 :] == below
    assert delivery.composed(lines, after, V) == lines
    assert delivery.check_lines(lines, {*above, *below}, V, f"{V}/domains/example.com") == []
    assert not re.search(r"[`;&|<>()\\!*?#~\[\]{}\"]", lines[len(above)][2:].replace("$EXT", ""))


def test_another_spelling_and_another_place_of_the_program_stay():
    line = "|/usr/local/vpopmail/bin/vdelivermail  \"\"  'delete' "
    assert delivery.composed([line], "delete", V) == [line]
    new = delivery.composed([line], "bounce", V)
    assert new == ['|/usr/local/vpopmail/bin/vdelivermail  ""  bounce-no-mailbox']
    assert delivery.check_lines(new, {line}, V, "/d") == []
    assert delivery.check_lines(new, set(), V, "/d") == new


@pytest.mark.parametrize(
    "unknown", ["", "x", "a b@c.test", "$(id)@c.test", "a@b;id", "@a b", "a'b@c.test", "-x@c.test", "a@b\n"]
)
def test_what_a_shell_would_understand_is_never_written(unknown):
    with pytest.raises(BadLine):
        delivery.composed([PLAIN], unknown, V)


# --- the verb ---


def write(host, lines, expect="present", **more):
    if expect == "present":
        expect = host.call("read_dotqmail", domain="example.com", name="default")["fingerprint"]
    return host.call("write_default_delivery", domain="example.com", lines=lines, expect=expect, **more)


def test_it_is_written_as_vpopmail_does(any_host):
    D = any_host.add_domain()
    line = f"| {any_host.home}/bin/vdelivermail '' anna@example.com"
    seen = write(any_host, [line], entry="e")["fingerprint"]
    assert any_host.entry(D / ".qmail-default") == [
        "f",
        "0o600",
        "vpopmail",
        line.replace(str(any_host.home), "{V}") + "\n",
    ]
    assert write(any_host, [line], seen, entry="e")["fingerprint"] == seen
    assert any_host.call("read_dotqmail", domain="example.com", name="default")["fingerprint"] == seen


def test_what_somebody_else_changed_is_not_overwritten(host):
    D = host.add_domain()
    seen = host.call("read_dotqmail", domain="example.com", name="default")["fingerprint"]
    host.write(D / ".qmail-default", "|/usr/bin/other\n")
    line = f"| {host.home}/bin/vdelivermail '' delete"
    assert (
        host.error("write_default_delivery", domain="example.com", lines=[line], expect=seen).code
        == "changed"
    )
    assert (
        host.error("write_default_delivery", domain="example.com", lines=[line], expect=None).code
        == "changed"
    )
    assert (D / ".qmail-default").read_text() == "|/usr/bin/other\n"


def test_new_programs_only_where_the_mail_host_allows_them(make_host):
    host = make_host()
    D = host.add_domain()
    own = (D / ".qmail-default").read_text().rstrip("\n")
    for line in (
        "|/bin/sh",
        "&anna@example.com",
        "/etc/mail/",
        f"| {host.home}/bin/vdelivermail '' $(id)",
        f"| {host.home}/bin/vdelivermail '' /etc/mail",
        f"| {host.home}/bin/vdelivermail '' {D}/../other.example/anna",
        "| /tmp/vdelivermail '' delete",
    ):
        seen = host.call("read_dotqmail", domain="example.com", name="default")["fingerprint"]
        error = host.error("write_default_delivery", domain="example.com", lines=[own, line], expect=seen)
        assert error.code == "refused" and error.details["line"] == line
    assert (D / ".qmail-default").read_text() == own + "\n"
    write(host, [f"| {host.home}/bin/vdelivermail '' {D}/anna"])
    host.write(D / ".qmail-default", "|/usr/bin/filter\n# note\n")
    write(host, ["|/usr/bin/filter", own])
    host.configure(allow_programs=True)
    write(host, ["|/bin/sh"])


@pytest.mark.parametrize("lines", [[], [""], ["# note"], ["|/bin/a\n|/bin/b"], ["x\0"], ["x\r"]])
def test_a_file_that_delivers_nothing_is_refused(make_host, lines):
    host = make_host(allow_programs=True)
    D = host.add_domain()
    before = (D / ".qmail-default").read_text()
    assert (
        host.error("write_default_delivery", domain="example.com", lines=lines, expect=None).code == "refused"
    )
    assert (D / ".qmail-default").read_text() == before


def test_links_and_long_files_are_left_alone(host):
    D = host.add_domain()
    line = json.dumps("|x")
    (D / ".qmail-default").rename(D / "elsewhere")
    (D / ".qmail-default").symlink_to("elsewhere")
    read = host.call("read_dotqmail", domain="example.com", name="default")
    assert read["exists"] and not read["readable"]
    assert (
        host.error("write_default_delivery", domain="example.com", lines=[line], expect=None).code
        == "refused"
    )
    (D / ".qmail-default").unlink()
    host.write(D / ".qmail-default", "# long\n" * 1_500_000)
    read = host.call("read_dotqmail", domain="example.com", name="default")
    assert read["exists"] and not read["readable"] and read["lines"] == []
