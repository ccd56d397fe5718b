"""From what people give to what the tables hold: passwords to hashes, quotas to vpopmail's text."""

import re
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from vpopmail import passwords, quota
from vpopmail.engines.base import Refused
from vpopmail.locked import LOCK
from vpopmail.schema import schema

LONGEST_HASH = LONGEST_CLEAR = 128  # of the newer tables; older ones are narrower
# What crypt(3) may answer, with the scheme in braces that vpopmail drops; no colon, since a line of vpasswd
# could not hold it.
_HASH = re.compile(r"[!-9;-~]+")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Both are secrets. `clear` is empty unless clear passwords are kept."""

    password_hash: str = field(repr=False)
    clear: str = field(default="", repr=False)


def credentials(domain: str, name: str, password: str = "", password_hash: str = "") -> Credentials:
    """Check a password against the policy and hash it, or take the ready hash (then no clear text is known).

    `domain` is the real domain, whose table must hold the result. Raises Refused for a password that is
    missing or against the policy, for a hash that is none, and for what the table would cut off.
    """
    secret = Credentials(password_hash) if password_hash else _hashed(name, password)
    _check_fits(domain, secret)
    return secret


def locked(domain: str, secret: Credentials) -> Credentials:
    """The same with the lock of a disabled account before the hash, and without the clear password."""
    with_lock = Credentials(LOCK + secret.password_hash)
    _check_fits(domain, with_lock)
    return with_lock


def _hashed(name: str, password: str) -> Credentials:
    if not password:
        raise Refused(_("A password is needed."), field="password")
    try:
        passwords.check_policy(password, name)
        hashed = passwords.make_hash(password)
    except passwords.BadPassword as error:
        raise Refused(str(error), field="password") from error
    except UnicodeEncodeError as error:  # bytes on standard input that are no text
        raise Refused(_("This password is not text in UTF-8."), field="password") from error
    keep = settings.VPOPMAIL_CLEAR_PASSWORDS == "keep" and schema().clear_passwords
    return Credentials(hashed, password if keep else "")


def _check_fits(domain: str, secret: Credentials) -> None:
    table = schema().user_table(domain)
    if not _HASH.fullmatch(secret.password_hash):
        raise Refused(_("This is not a password hash as crypt(3) makes them."), field="password")
    if len(secret.password_hash) > schema().width(table, "pw_passwd", LONGEST_HASH):
        raise Refused(_("That password hash is longer than this server's table can hold."), field="password")
    if len(secret.clear) > schema().width(table, "pw_clear_passwd", LONGEST_CLEAR):
        raise Refused(_("That password is longer than this server's table can hold."), field="password")


def quota_text(text: str) -> str:
    """vpopmail's text for a quota in people's words, "" for the default. Raises Refused for what is no
    quota."""
    if not text:
        return ""
    try:
        return quota.parse_quota(text)
    except quota.BadQuota as error:
        raise Refused(str(error), field="quota") from error
