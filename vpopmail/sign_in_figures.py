"""How many sign-ins failed lately, from where and for whom: by the latest rows of `vlog`, once a minute."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vpopmail.database import connection, quoted, reading, rows
from vpopmail.schema import schema
from vpopmail.sign_ins import LOOK, TABLE, Result, recorded

HOURS = 24
KEEP = 60.0  # seconds
MOST_KEPT = 256
MOST_TOLD = 5
UNUSUAL_FROM = 100  # failures from one IP address in HOURS
UNUSUAL_AT = 50  # wrong passwords for one account in HOURS


@dataclass(frozen=True, slots=True)
class Tally:
    """So many failures, from an IP address or for an account's address; `others`: how many accounts were
    tried from there, or from how many IP addresses."""

    what: str
    failures: int
    others: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Failures of the last HOURS. `more`: at least, since only the latest rows were looked at."""

    failures: int = 0
    more: bool = False
    addresses: Sequence[Tally] = ()
    accounts: Sequence[Tally] = ()

    @property
    def unusual_addresses(self) -> list[Tally]:
        return [tally for tally in self.addresses if tally.failures >= UNUSUAL_FROM]

    @property
    def unusual_accounts(self) -> list[Tally]:
        return [tally for tally in self.accounts if tally.failures >= UNUSUAL_AT]


_kept: dict[tuple[str, str], tuple[float, Figures]] = {}


def figures(domain: str = "") -> Figures:
    """Of the whole server, or of one real domain; up to KEEP seconds old."""
    key = (str(connection().settings_dict["NAME"]), domain)
    kept = _kept.get(key)
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    found = reading(_figures, domain)
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[key] = (time.monotonic() + KEEP, found)
    return found


def reset() -> None:
    """Count anew when asked next."""
    _kept.clear()


def _figures(domain: str) -> Figures:
    if not recorded():
        return Figures()
    since = int(time.time()) - HOURS * 3600
    where, params, looked, oldest = _latest(domain)
    if not looked:
        return Figures()
    moment = quoted("timestamp")
    tries = (  # a wrong password is written twice, in the same second
        f"SELECT DISTINCT remoteip, {quoted('user')}, domain, {moment} FROM {quoted(TABLE)} "  # noqa: S608
        f"WHERE {where} AND {moment} >= %s AND error <> {Result.SUCCESS:d}"
    )
    params = [*params, since]
    total = rows(f"SELECT COUNT(*) FROM ({tries}) AS tries", params)[0][0]  # noqa: S608
    return Figures(
        int(total),
        looked == LOOK and oldest > since,
        _tallies(tries, params, "remoteip", "''", _account()),
        _tallies(
            f"{tries} AND error IN ({Result.PASSWORD:d}, {Result.ACCESS:d})",
            params,
            quoted("user"),
            "domain",
            "remoteip",
        ),
    )


def _account() -> str:
    """One value for user and domain together."""
    user = quoted("user")
    return f"{user} || '@' || domain" if schema().sqlite else f"CONCAT({user}, '@', domain)"


def _latest(domain: str) -> tuple[str, list[Any], int, int]:
    """The condition for the latest rows, its parameters, how many they are, the time of the oldest."""
    index = schema().index_on(TABLE, "domain") if domain and not schema().sqlite else ""
    by = index and schema().engine(TABLE) == "InnoDB"
    hint = "" if schema().sqlite else f" FORCE INDEX ({quoted(index if by else 'PRIMARY')})"
    narrow, params = ("domain = %s", [domain]) if domain and (by or schema().sqlite) else ("1 = 1", [])
    table = quoted(TABLE)
    latest = f"SELECT id FROM {table}{hint} WHERE {narrow} ORDER BY id DESC LIMIT {LOOK:d}"  # noqa: S608
    lowest, count = rows(f"SELECT MIN(id), COUNT(*) FROM ({latest}) AS latest", params)[0]  # noqa: S608
    if not count:
        return "", [], 0, 0
    oldest = rows(f"SELECT {quoted('timestamp')} FROM {table} WHERE id = %s", [lowest])  # noqa: S608
    where, found = ("domain = %s AND id >= %s", [domain, lowest]) if domain else ("id >= %s", [lowest])
    return where, found, int(count), int(oldest[0][0] or 0) if oldest else 0


def _tallies(tries: str, params: list[Any], first: str, second: str, others: str) -> list[Tally]:
    found = rows(
        f"SELECT {first}, {second}, COUNT(*) AS failures, COUNT(DISTINCT {others}) "  # noqa: S608
        f"FROM ({tries}) AS tries WHERE {first} <> '' GROUP BY {first}, {second} "
        f"ORDER BY failures DESC, {first} LIMIT {MOST_TOLD:d}",
        params,
    )
    return [
        Tally(f"{one}@{two}" if two else str(one), int(failures), int(number))
        for one, two, failures, number in found
    ]
