"""Dovecot told to forget people whose rows have changed: by every name they could have signed in with."""

from collections.abc import Iterable, Sequence

from vpopmail.engines.base import VpopmailError
from vpopmail.engines.native.work import Work

EVERYBODY = "*"
MOST = 5000  # addresses in one message; beyond that everybody of the domains is meant


def end(job: Work, domains: Iterable[str], name: str = "") -> None:
    """`name` at all these domains (the real one and its alias domains), or everybody there.

    An account whose whole name is `*` is left to Dovecot's own time: the helper would take it for everybody.

    Call it once the rows are committed: nothing is taken back any more, so a failure is a warning.
    """
    if name == EVERYBODY:
        return
    _tell(job, [f"{name or EVERYBODY}@{domain}" for domain in domains][:MOST])


def end_all(job: Work, domains: Sequence[str], names: Sequence[str]) -> None:
    """The same for many accounts, in one message."""
    left = [name for name in names if name != EVERYBODY]
    if len(left) * len(domains) > MOST:
        end(job, domains)
        return
    if left:
        _tell(job, [f"{name}@{domain}" for name in left for domain in domains])


def _tell(job: Work, addresses: list[str]) -> None:
    try:
        job.call("end_sessions", names=addresses)
    except VpopmailError as error:
        job.warnings.append(error.message)
