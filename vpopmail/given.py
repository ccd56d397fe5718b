"""From what people give to what the tables hold: passwords to hashes, quotas to vpopmail's text."""

import re
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from vpopmail import passwords, quota
from vpopmail.engines.base import Refused
from vpopmail.schema import schema

LONGEST_HASH = 128
# What crypt(3) may answer, with the scheme in braces that vpopmail drops; no colon, since a line of vpasswd could not hold it.
_HASH = re.compile(r"[!-9;-~]+")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Both are secrets. `clear` is empty unless clear passwords are kept."""

    password_hash: str = field(repr=False)
    clear: str = field(default="", repr=False)


def _of_hash(password_hash: str) -> Credentials:
    if not _HASH.fullmatch(password_hash) or len(password_hash) > LONGEST_HASH:
        raise Refused(_("This is not a password hash as crypt(3) makes them."), field="password")
    return Credentials(password_hash)


def credentials(name: str, password: str = "", password_hash: str = "") -> Credentials:
    """Check a password against the policy and hash it, or take the ready hash (and then no clear text is known).

    Raises Refused for a password that is missing or against the policy, or a hash that is none.
    """
    if password_hash:
        return _of_hash(password_hash)
    if not password:
        raise Refused(_("A password is needed."), field="password")
    try:
        passwords.check_policy(password, name)
    except passwords.BadPassword as error:
        raise Refused(str(error), field="password") from error
    keep = settings.VPOPMAIL_CLEAR_PASSWORDS == "keep" and schema().clear_passwords
    return Credentials(passwords.make_hash(password), password if keep else "")


def quota_text(text: str) -> str:
    """vpopmail's text for a quota in people's words, "" for the default. Raises Refused for what is no quota."""
    if not text:
        return ""
    try:
        return quota.parse_quota(text)
    except quota.BadQuota as error:
        raise Refused(str(error), field="quota") from error
