"""read_recipient_check: what qmail's files tell of the check that refuses unknown recipients."""

import os

import pytest


def look(host):
    return host.call("read_recipient_check")


def smtpd(host, text=b"\x7fELF plain qmail-smtpd"):
    (host.qmail / "bin" / "qmail-smtpd").write_bytes(text)


def script(host, text, name="qmail-smtpd"):
    place = host.qmail / "supervise" / name
    place.mkdir(parents=True)
    (place / "run").write_text(text)


def test_nothing_is_there_to_be_looked_at(any_host):
    assert look(any_host) == {
        "smtpd": False,
        "chkuser": False,
        "chkuser_start": None,
        "validrcptto": False,
        "vrcptcheck": False,
    }


def test_a_plain_qmail_has_no_check(host):
    smtpd(host)
    assert look(host)["smtpd"] and not look(host)["chkuser"]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("#!/bin/sh\nexport CHKUSER_START=ALWAYS\nexec tcpserver\n", "ALWAYS"),
        ('#!/bin/sh\nCHKUSER_START="domain" exec tcpserver\n', "DOMAIN"),
        ("#!/bin/sh\n# CHKUSER_START=ALWAYS\nexec tcpserver\n", ""),
    ],
)
def test_chkuser_and_how_it_is_switched_on(host, text, start):
    smtpd(host, b"\0" * 100_000 + b"CHKUSER_START\0CHKUSER_RCPTLIMIT")
    assert look(host)["chkuser"] and look(host)["chkuser_start"] is None
    script(host, text)
    assert look(host)["chkuser_start"] == start


def test_tcpservers_rules_count_as_well(host):
    smtpd(host, b"CHKUSER_START")
    (host.home / "etc" / "tcp.smtp").write_text('127.:allow,RELAYCLIENT=""\n:allow,CHKUSER_START="ALWAYS"\n')
    assert look(host)["chkuser_start"] == "ALWAYS"


def test_lists_and_vrcptcheck(host):
    (host.qmail / "control" / "recipients").write_text("# vrcptcheck\nexample.com|vrcptcheck\n")
    (host.qmail / "control" / "morevalidrcptto.cdb").write_bytes(b"")
    assert look(host)["vrcptcheck"] and look(host)["validrcptto"]


def test_what_may_not_be_read_is_not_known(host):
    (host.qmail / "bin" / "qmail-smtpd").symlink_to("/bin/sh")
    script(host, "CHKUSER_START=ALWAYS\n")
    (host.qmail / "supervise" / "qmail-smtpd" / "run").unlink()
    os.mkfifo(host.qmail / "supervise" / "qmail-smtpd" / "run")
    assert not look(host)["smtpd"] and look(host)["chkuser_start"] is None
