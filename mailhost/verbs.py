"""All verbs. Importing this module fills the registry; `perform` is how one is done."""

from mailhost import verbs_domains, verbs_files, verbs_mailboxes, verbs_read
from mailhost.registry import VERBS, perform

__all__ = ["VERBS", "perform", "verbs_domains", "verbs_files", "verbs_mailboxes", "verbs_read"]
