"""All verbs. Importing this module fills the registry; `perform` is how one is done."""

from mailhost import (
    dovecot,
    verbs_connect,
    verbs_domains,
    verbs_files,
    verbs_mailboxes,
    verbs_read,
    verbs_trash,
)
from mailhost.registry import VERBS, perform

__all__ = [
    "VERBS",
    "dovecot",
    "perform",
    "verbs_connect",
    "verbs_domains",
    "verbs_files",
    "verbs_mailboxes",
    "verbs_read",
    "verbs_trash",
]
