"""A mailbox that comes back elsewhere delivers into itself, not into where it was."""

from typing import Any

from tests.mailhost.base import Host

BACK = {"domain": "example.com", "source": "e", "was": "alice"}


def _parked(host: Host, *lines: str) -> None:
    D = host.add_domain()
    host.add_mailbox("alice", "0")
    file = host.write(D / "0/alice/.qmail", "".join(f"{line.format(D=D)}\n" for line in lines))
    file.chmod(0o640)
    host.call("park_mailbox", entry="e", domain="example.com", name="alice", hash="0")


def _lines(host: Host, place: str) -> list[str]:
    D = host.domains / "example.com"
    return [line.replace(str(D), "{D}") for line in (D / place / ".qmail").read_text().splitlines()]


def _restore(host: Host, verb: str = "restore_mailbox", **where: Any) -> None:
    host.call(verb, entry=f"f{verb}{where['hash']}", **BACK, **where)


LINES = (
    "&bob@elsewhere.example",
    "{D}/0/alice/Maildir/",
    "| /usr/bin/autorespond 86400 3 {D}/0/alice/vacation/message {D}/0/alice/vacation",
    "{D}/alicent/Maildir/",
    "/srv{D}/alice/Maildir/",
    "./Maildir/",
)


def test_under_another_name_and_back(any_host: Host) -> None:
    _parked(any_host, *LINES)
    _restore(any_host, name="alice2", hash="")
    led = [line.replace("{D}/0/alice/", "{D}/alice2/") for line in LINES]
    assert _lines(any_host, "alice2") == led
    file = any_host.domains / "example.com/alice2/.qmail"
    assert any_host.entry(file)[1:3] == ["0o640", "vpopmail"]
    _restore(any_host, "unrestore_mailbox", name="alice2", hash="")
    _restore(any_host, name="alice", hash="1")
    assert _lines(any_host, "1/alice") == [line.replace("{D}/0/alice/", "{D}/1/alice/") for line in LINES]


def test_in_its_own_place_nothing_is_written(host: Host) -> None:
    _parked(host, *LINES)
    [kept] = (host.domains / ".vqweb-trash").glob("**/.qmail")
    before = kept.stat().st_ino
    _restore(host, name="alice", hash="0")
    assert (host.domains / "example.com/0/alice/.qmail").stat().st_ino == before
    assert _lines(host, "0/alice") == list(LINES)


def test_a_link_is_left_alone(host: Host) -> None:
    _parked(host, *LINES)
    [kept] = (host.domains / ".vqweb-trash").glob("**/.qmail")
    kept.unlink()
    kept.symlink_to("/etc/passwd")
    _restore(host, name="alice2", hash="")
    assert (host.domains / "example.com/alice2/.qmail").is_symlink()
