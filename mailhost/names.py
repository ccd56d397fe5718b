"""Names that may become file names: domains, local parts, hash directories.

The character sets are vpopmail's own, less what is dangerous as a file name.
"""

import re

HASH_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LONGEST_DOMAIN = 96
LONGEST_LOCAL_PART = 64
LONGEST_PATH = 160  # vpopmail's pw_dir: domain directory + hash + name

_HASH = re.compile(r"(?:[0-9A-Za-z](?:/[0-9A-Za-z]){0,2})?\Z")
_DOMAIN = re.compile(r"[a-z0-9.-]+\Z")
_KNOWN_DOMAIN = re.compile(r"[a-z0-9_][a-z0-9._-]*\Z")
_LOCAL_PART = re.compile(r"[!#$&'*+.0-9=?^_`a-z{|}~-]+\Z")
_ENTRY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
# Files that qmail, vpopmail and this helper keep in the domain's directory, where the mailboxes lie as well.
_RESERVED = (".qmail", ".vqweb", ".dir_control", ".dir-control", ".over-quota", ".no-user", ".quotawarn")


class BadName(ValueError):
    """A name that cannot be used; the text is a sentence for people."""


def check_domain(name: str) -> str:
    """Return `name` when vpopmail would take it as a new domain, else raise BadName.

    Lower-case ASCII is expected.
    """
    if not 3 <= len(name) <= LONGEST_DOMAIN:
        raise BadName(f"A domain has between 3 and {LONGEST_DOMAIN} characters.")
    if not _DOMAIN.match(name):
        raise BadName("A domain is made of lower-case letters a–z, digits, hyphens and dots.")
    if ".." in name or name.startswith((".", "-")) or name.endswith((".", "-")):
        raise BadName("A domain does not start or end with a dot or hyphen, and has no two dots in a row.")
    head, dot, last = name.rpartition(".")
    if not dot or not 2 <= len(last) <= 63 or any(len(label) > 63 for label in head.split(".")):
        raise BadName(
            "A domain has a dot, an ending of at least two letters, and parts of 63 characters at most."
        )
    return name


def check_known_domain(name: str) -> str:
    """Return `name` when it may stand in qmail's assign file.

    Laxer than `check_domain`: what exists must be readable.
    """
    if not 0 < len(name) <= 255 or not _KNOWN_DOMAIN.match(name) or ".." in name or name.endswith("."):
        raise BadName("That is not the name of a domain.")
    return name


def check_local_part(name: str, shortest: int = 2) -> str:
    """Return `name` when it can be an account's or alias's local part, else raise BadName.

    One character is refused for accounts: it would clash with a hash directory. Aliases pass `shortest=1`.
    """
    if len(name) < shortest:
        raise BadName(
            f"A name has at least {shortest} characters: shorter ones are directories of vpopmail's."
        )
    if len(name) > LONGEST_LOCAL_PART:
        raise BadName(f"A name has at most {LONGEST_LOCAL_PART} characters.")
    if not _LOCAL_PART.match(name):
        raise BadName("A name is made of lower-case letters, digits and ! # $ & ' * + - . = ? ^ _ ` { | } ~.")
    if name.startswith("-"):
        raise BadName("A name does not start with a hyphen.")
    if name in (".", "..") or name.startswith(_RESERVED):
        raise BadName("That name is kept for files of the mail server.")
    return name


def check_hash(text: str) -> str:
    """Return `text` when it is the path of a hash directory: "", "0", "0/z", "0/z/A"."""
    if not _HASH.match(text):
        raise BadName("A hash directory is up to three single letters or digits joined by slashes.")
    return text


def check_parked_entry(text: str) -> str:
    """The same where there must be one: it is a directory's name in the trash."""
    if not text:
        raise BadName("The id of a journal entry is lacking.")
    return check_entry(text)


def check_entry(text: str) -> str:
    """Return `text` when it can be a journal entry's id (it becomes a directory's name), or ""."""
    if text and not _ENTRY.match(text):
        raise BadName("That is not the id of a journal entry.")
    return text
