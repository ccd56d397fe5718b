"""All verbs. Importing this module fills the registry; `perform` is how one is done."""

from mailhost import (
    dovecot,
    verbs_answers,
    verbs_aside,
    verbs_beside,
    verbs_connect,
    verbs_delivery,
    verbs_doctor,
    verbs_domains,
    verbs_files,
    verbs_forwarding,
    verbs_mailboxes,
    verbs_parked,
    verbs_read,
    verbs_recovery,
    verbs_restore,
    verbs_trash,
    verbs_usage,
)
from mailhost.registry import VERBS, perform

__all__ = [
    "VERBS",
    "dovecot",
    "perform",
    "verbs_answers",
    "verbs_aside",
    "verbs_beside",
    "verbs_connect",
    "verbs_delivery",
    "verbs_doctor",
    "verbs_domains",
    "verbs_files",
    "verbs_forwarding",
    "verbs_mailboxes",
    "verbs_parked",
    "verbs_read",
    "verbs_recovery",
    "verbs_restore",
    "verbs_trash",
    "verbs_usage",
]
