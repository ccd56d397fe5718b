"""What an alias is, by its lines."""

import pytest

from vpopmail.alias_kinds import is_list, kind_of, role_of

D = "/v/domains/example.com"


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("&anna@example.com", "forward"),
        ("anna@example.com", "forward"),
        ("|/usr/local/bin/ezmlm/ezmlm-send '/v/list'", "list"),
        ("| ezmlm-reject", "list"),
        ("|/usr/bin/ezmlm-warn '/v/list' || exit 0", "list"),
        (f"|/usr/local/bin/autorespond 10000 5 {D}/ROBOT/message {D}/ROBOT", "autoresponder"),
        ("|/usr/local/bin/qmail-autoresponder /v/robot", "autoresponder"),
        ("| /v/bin/vdelivermail '' delete", "delivery"),
        ("|/usr/bin/program about ezmlm-send", "program"),
        ("|/usr/bin/autorespond-log", "program"),
        (f"{D}/anna/Maildir/", "maildir"),
        ("/var/mail/anna", "mbox"),
        ("# delete", "comment"),
        ("", "empty"),
    ],
)
def test_lines(line: str, role: str) -> None:
    assert role_of(line) == role


def test_the_whole_alias() -> None:
    assert kind_of(["# our team", "&anna@example.com"]) == "forward"
    assert kind_of(["# delete"]) == "blackhole"
    assert kind_of(["&owner@example.com", "|/usr/bin/ezmlm-warn '/v/list'"]) == "list"
    assert kind_of(["&a@x.example", "|/bin/autorespond 1 2 /v/m /v"]) == "autoresponder"
    assert kind_of([]) == "empty"
    assert is_list(["&owner@example.com", "|/usr/bin/ezmlm-warn '/v/list'"])
    assert not is_list(["&ezmlm-send@example.com"])
