"""`manage.py vuserinfo`: show accounts. Hashes and clear passwords are never shown."""

import time
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from accounts import services
from audit.arguments import address_parts, domain_name
from audit.command import Program
from vpopmail import flags, limits, quota, usage
from vpopmail.engines.base import Refused
from vpopmail.models import Account, LastAuth, accounts_of
from vpopmail.schema import schema

COUNTING = 2.0  # seconds for a mailbox whose maildirsize tells nothing
# What vuserinfo prints under "limits:", in its order; scripts read these words, so they are not translated.
LIMITS = {
    0x1: "password can not be changed by user",
    0x2: "pop access closed",
    0x4: "webmail access closed",
    0x8: "imap access closed",
    0x800: "smtp access is closed",
    0x20: "user not allowed to relay mail",
    0x4000: "spamassassin processing disabled",
    0x8000: "delete spam",
    0x40000: "maildrop processing disabled",
    0x40: "no dialup flag has been set",
    0x10: "mail will be bounced back to sender",
    0x1000: "has qmailadmin administrator access",
    0x10000: "has system administrator access",
    0x20000: "has expert access",
    0x80: "user flag 0 is set",
    0x100: "user flag 1 is set",
    0x200: "user flag 2 is set",
    0x400: "user flag 3 is set",
    0x2000: "user is not subject to domain limits",
}
FIELDS = {
    "name": "-n",
    "uid": "-u",
    "gid": "-g",
    "gecos": "-c",
    "dir": "-d",
    "quota": "-q",
    "usage": "-Q",
    "last_auth": "-l",
}


def _last_auth(account: Account) -> LastAuth | None:
    if not schema().has_table("lastauth"):
        return None
    return LastAuth.objects.filter(user=account.name, domain=account.domain).first()


def _usage(account: Account) -> str:
    if account.shell == quota.NONE:
        return quota.NONE
    found = usage.of_accounts([account], seconds=COUNTING).get(account.address)
    return f"{min(found.percent(account.shell) or 0, 100)}%" if found else "unknown"


def _record(account: Account, domain_limits: limits.DomainLimits, wanted: list[str]) -> dict[str, Any]:
    """All fields, but what takes time is looked up only where it is wanted (all of it when nothing is
    named)."""
    last = _last_auth(account) if not wanted or "last_auth" in wanted else None
    return {
        "name": account.name,
        "address": account.address,
        "gecos": account.gecos,
        "uid": account.uid,
        "gid": account.gid,
        "flags": flags.effective(account.gid, domain_limits.values),
        "dir": account.dir,
        "quota": account.shell,
        "usage": _usage(account) if not wanted or "usage" in wanted else None,
        "created": last.timestamp if last and last.never and last.timestamp else None,
        "last_auth": last.timestamp if last and not last.never and last.timestamp else None,
        "last_auth_ip": last.remote_ip if last and not last.never else "",
    }


def _clock(timestamp: int) -> str:
    return time.asctime(time.localtime(timestamp))


def _sign_in(record: dict[str, Any]) -> Iterator[str]:
    if record["last_auth"] is not None:
        yield f"last auth: {_clock(record['last_auth'])}"
        yield f"last auth ip: {record['last_auth_ip']}"
        return
    if record["created"] is not None:
        yield f"account created: {_clock(record['created'])}"
    yield "last auth: Never logged in"


def _limits(gid: int, effective: int) -> Iterator[str]:
    if not effective:
        yield "limits: No user limits set."
        return
    yield "limits:"
    for bit, words in LIMITS.items():
        if effective & bit:
            yield f"        {words}" + ("" if gid & bit else " (*)")
    if gid != effective:
        yield "        * = set by domain-wide limits"


def _lines(record: dict[str, Any], wanted: list[str]) -> Iterator[str]:
    if not wanted:
        yield f"name:   {record['name']}"
        yield f"comment/gecos: {record['gecos']}"
        yield f"uid:    {record['uid']}"
        yield f"gid:    {record['gid']}"
        yield f"flags:  {record['flags']}"
        yield f"gecos: {record['gecos']}"
        yield from _limits(record["gid"], record["flags"])
        yield f"dir:       {record['dir']}"
        yield f"quota:     {record['quota']}"
        yield f"usage:     {record['usage']}"
        yield from _sign_in(record)
        return
    for field in FIELDS:
        if field == "last_auth" and field in wanted:
            yield from _sign_in(record)
        elif field in wanted:
            yield str(record[field])


class Command(Program):
    help = "Show an account, or with -D every account of a domain."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("-a", "--all", action="store_true", help="all fields, the default")
        for name, letter in FIELDS.items():
            parser.add_argument(
                letter, "--" + name.replace("_", "-"), dest="fields", action="append_const", const=name
            )
        parser.add_argument("-p", "--password", action="store_true", help="not shown: refused")
        parser.add_argument("-C", "--clear", action="store_true", help="not shown: refused")
        parser.add_argument("-D", "--domain", help="show every account of this domain")
        parser.add_argument("address", nargs="?")

    def act(self, options: dict[str, Any]) -> None:
        if options["password"] or options["clear"]:
            raise Refused(_("Password hashes and clear passwords are not shown."))
        if (options["domain"] is None) == (options["address"] is None):
            raise Refused(_("Give either an address, or -D and a domain."), field="address")
        wanted = [] if options["all"] else options["fields"] or []
        needed = [] if self.as_json else wanted
        if options["address"] is not None:
            name, domain = address_parts(options["address"])
            domain = services.real_name(domain)
            self.data |= _record(services.find_account(domain, name), limits.read(domain), needed)
            self.say("\n".join(_lines(self.data, wanted)))
            return
        domain = services.real_name(domain_name(options["domain"]))
        domain_limits, accounts = limits.read(domain), accounts_of(domain).order_by("name")
        self.data |= {"domain": domain, "accounts": []}
        for account in accounts.iterator():
            record = _record(account, domain_limits, needed)
            if self.as_json:
                self.data["accounts"].append(record)
            self.say("\n".join(["-" * 42, *_lines(record, wanted)]))
