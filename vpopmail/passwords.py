"""crypt(3) through the system's libxcrypt, the very code vpopmail calls, and the site's own password
policy."""

import ctypes
import ctypes.util
import hmac
import secrets
import string

from django.utils.translation import gettext as _

from vpopmail import helper, policy
from vpopmail.schema import schema

LONGEST = 128  # characters; vpasswd takes no more
LONGEST_BYTES = 511  # crypt(3) takes no more
GENERATED = 16

_library = ctypes.CDLL(ctypes.util.find_library("crypt") or "libcrypt.so.1")
_library.crypt_rn.restype = ctypes.c_char_p
_library.crypt_rn.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int]
_BUFFER = 32768  # sizeof(struct crypt_data)
_SALT = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# Letters and digits that are not mistaken for one another, and marks that every keyboard has.
_CLEAR = "".join(sorted(set(string.ascii_letters + string.digits) - set("lIO01o")))
_MARKS = "-_.+=!?"


# Methods of crypt(3) that are slow and salted enough; vpopmail's own is the first.
_STRONG = ("$6$", "$5$", "$y$", "$gy$", "$7$", "$2a$", "$2b$", "$2y$", "$argon2")


class BadPassword(ValueError):
    """The password cannot be used; the message is a sentence for people."""


def is_usable(password: str) -> bool:
    """Whether it is worth hashing: crypt(3) takes neither NUL nor more than 511 bytes, and nobody's password
    has either."""
    if len(password) > LONGEST_BYTES or "\0" in password:
        return False
    try:
        return len(password.encode()) <= LONGEST_BYTES
    except UnicodeEncodeError:  # half of a surrogate pair
        return False


def crypt(password: str, setting: str) -> str | None:
    """crypt(3); None for what it refuses: unknown methods, locked hashes, passwords that are too long or hold
    a NUL."""
    if not is_usable(password) or not setting.isascii() or "\0" in setting:
        return None
    secret = password.encode()
    buffer = ctypes.create_string_buffer(_BUFFER)  # per call, so that threads do not meet
    hashed = _library.crypt_rn(secret, setting.encode(), buffer, _BUFFER)
    return None if hashed is None else hashed.decode("ascii", "replace")


def verify(password: str, stored: str) -> bool:
    """Does the password open an account with this pw_passwd? As vauth_crypt: `{SCHEME}` before the hash does
    not count."""
    if stored.startswith("{"):
        stored = stored.partition("}")[2] or stored
    hashed = crypt(password, stored) if stored else None
    return hashed is not None and hmac.compare_digest(hashed.encode(), stored.encode())


def is_weak(stored: str) -> bool:
    """Is this pw_passwd soon guessed by whoever gets hold of it: DES, MD5, or no hash at all? Locked ones
    (`!` in front) are judged by the hash behind, `{SCHEME}` does not count; none is not a weak one.
    """
    stored = stored.lstrip("!")
    if stored.startswith("{"):
        stored = stored.partition("}")[2]
    return bool(stored) and not stored.startswith(("*", *_STRONG))


def make_hash(password: str) -> str:
    """A new hash as this server's vpopmail makes it: method and eight characters of salt."""
    setting = schema().hash_prefix + "".join(secrets.choice(_SALT) for _ in range(8))
    hashed = crypt(password, setting)
    if hashed is None:
        raise BadPassword(_("That password cannot be hashed."))
    return hashed


def check_policy(password: str, name: str = "") -> None:
    """Raise BadPassword for what vpopmail or crypt(3) would not take, or what the site's policy forbids.

    The policy is vpopmail's own file. It does not look at `name`, the account's local part.
    """
    if not password:
        raise BadPassword(_("A password is needed."))
    if len(password) > LONGEST or len(password.encode()) > LONGEST_BYTES:
        raise BadPassword(_("A password has at most %(most)d characters.") % {"most": LONGEST})
    if any(ord(character) < 32 or ord(character) == 127 for character in password):
        raise BadPassword(_("A password holds no control characters."))
    if reason := site_policy().judge(password):
        raise BadPassword(reason)


def site_policy() -> policy.Policy:
    """The rules of V/etc/password_strength.conf; a file that is missing has none."""
    return policy.parse(str(helper.call("read_password_policy").get("text") or ""))


def generate(length: int = GENERATED) -> str:
    """A random password that the site's policy takes. Raises BadPassword when the policy lets nothing
    through."""
    rules = site_policy()
    for alphabet in (
        _CLEAR,
        _CLEAR + _MARKS,
        _CLEAR + _MARKS * 3,
        string.digits,
        string.ascii_lowercase,
        _MARKS,
    ):
        for size in (length, *range(length + 1, 33), *range(length - 1, 3, -1)):
            for _attempt in range(5):
                password = "".join(secrets.choice(alphabet) for _ in range(size))
                if _is_mixed(password, alphabet) and not rules.judge(password):
                    return password
    raise BadPassword(_("No password could be found that the site’s policy allows."))


def _is_mixed(password: str, alphabet: str) -> bool:
    """Holds every kind of character that a mixed alphabet has, so that people's other rules are met as
    well."""
    kinds = (str.islower, str.isupper, str.isdigit)
    return all(any(map(kind, password)) for kind in kinds if any(map(kind, alphabet)))
