"""Whom `doveadm` is asked to sign out: exactly those who are meant, whatever is in their names."""

from pathlib import Path

import pytest

from tests.mailhost.base import Host


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    """A stand-in for doveadm writes its arguments here, one call a line."""
    program = tmp_path / "doveadm"
    program.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\n')
    program.chmod(0o755)
    return tmp_path / "asked"


@pytest.fixture
def host(tmp_path: Path, asked: Path) -> Host:
    made = Host(tmp_path / "host", doveadm=str(tmp_path / "doveadm"))
    return made


def test_the_people_meant(host: Host, asked: Path) -> None:
    assert host.call("end_sessions", names=["anna@example.com", "anna@example.net"]) == {"warnings": []}
    assert asked.read_text().splitlines() == [
        "auth cache flush anna@example.com anna@example.net",
        "kick anna@example.com",
        "kick anna@example.net",
    ]


def test_everybody_of_a_domain(host: Host, asked: Path) -> None:
    assert host.call("end_sessions", names=["*@example.com"]) == {"warnings": []}
    assert asked.read_text().splitlines() == ["auth cache flush", "kick *@example.com"]


@pytest.mark.parametrize("name", ["a*", "**", "?a", "a?b", "***"])
def test_a_name_that_reads_as_a_pattern_signs_out_nobody_else(host: Host, asked: Path, name: str) -> None:
    answer = host.call("end_sessions", names=[f"{name}@example.com"])
    assert asked.read_text().splitlines() == [f"auth cache flush {name}@example.com"]
    assert f"{name}@example.com" in answer["warnings"][0]


@pytest.mark.parametrize("name", ["*@*", "anna@*", "anna@exam?le.com", "*@", "-x@a.example", "a b@a.example"])
def test_what_is_no_address(host: Host, asked: Path, name: str) -> None:
    assert host.error("end_sessions", names=[name]).code == "refused"
    assert not asked.exists()
