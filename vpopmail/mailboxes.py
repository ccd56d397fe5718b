"""Where the mailbox of an account lies, as the helper addresses it."""

import re

from vpopmail.assigned import AssignedDomain, domains
from vpopmail.models import Account

_HASH = re.compile(r"(?:[0-9A-Za-z]/){0,3}")


def hash_of(domain: AssignedDomain, name: str, directory: str | None) -> str | None:
    """The hash directory ("", "0", "0/z") of an account's pw_dir; None when it lies elsewhere."""
    start, end = f"{domain.directory}/", name
    if not directory or not directory.startswith(start) or not directory.endswith(end):
        return None
    between = directory[len(start) : len(directory) - len(end)]
    return between.rstrip("/") if _HASH.fullmatch(between) else None


def box_of(account: Account) -> dict[str, str] | None:
    """What the helper calls an account's mailbox; None when it lies elsewhere."""
    real = domains().get(account.domain)
    hash = hash_of(real, account.name, account.dir) if real else None
    return None if hash is None else {"name": account.name, "hash": hash}
