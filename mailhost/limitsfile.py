"""`.qmailadmin-limits` and `vlimits.default`: limits of a domain as text, keyed here by their SQL column
names.

Reading and writing follow vpopmail's vlimits.c; written text is byte for byte what `vmoddomlimits` writes,
except that perm_maillist keeps its users' and moderators' bits, which vpopmail writes into perm_quota
(measured).
"""

import re
from collections.abc import Mapping

LONGEST_FILE = 2047  # vpopmail's reading buffer
UNLIMITED = -1

# SQL column → key in the file, in the order of the file.
COUNTS = {
    "maxpopaccounts": "maxpopaccounts",
    "maxaliases": "maxaliases",
    "maxforwards": "maxforwards",
    "maxautoresponders": "maxautoresponders",
    "maxmailinglists": "maxmailinglists",
    "diskquota": "quota",
    "maxmsgcount": "maxmsgcount",
    "defaultquota": "default_quota",
    "defaultmaxmsgcount": "default_maxmsgcount",
}
SWITCHES = {
    "disable_pop": "disable_pop",
    "disable_imap": "disable_imap",
    "disable_dialup": "disable_dialup",
    "disable_passwordchanging": "disable_password_changing",
    "disable_webmail": "disable_webmail",
    "disable_relay": "disable_external_relay",
    "disable_smtp": "disable_smtp",
    "disable_spamassassin": "disable_spamassassin",
    "delete_spam": "delete_spam",
    "disable_maildrop": "disable_maildrop",
}
PERMISSIONS = (
    "perm_account",
    "perm_alias",
    "perm_forward",
    "perm_autoresponder",
    "perm_maillist",
    "perm_quota",
    "perm_defaultquota",
)
COLUMNS = (*COUNTS, *SWITCHES, *PERMISSIONS)
DEFAULTS: dict[str, int] = {
    column: UNLIMITED if column.startswith("max") and column != "maxmsgcount" else 0 for column in COLUMNS
}

COLUMN_OF = {key: column for column, key in (COUNTS | SWITCHES).items()} | {
    name: name for name in PERMISSIONS
}
WORD = re.compile(r"([^ \t:]*)[ \t:]*(.*)", re.DOTALL)
_NUMBER = re.compile(r"[ \t]*([+-]?[0-9]+)")


def parse(text: str) -> dict[str, int]:
    """All limits by column name; what the file does not say has vpopmail's initial value (DEFAULTS).

    Unknown words and comments are skipped. A key without a value is skipped too; text that is no number
    counts as 0.
    """
    limits = dict(DEFAULTS)
    for line in re.split(r"[\r\n]", text):
        match = WORD.match(line)
        column = COLUMN_OF.get(match[1]) if match and not line.startswith("#") else None
        if not match or column is None:
            continue
        if column in SWITCHES:
            limits[column] = 1
        elif match[2]:
            number = _NUMBER.match(match[2])
            limits[column] = _clipped(column, int(number[1]) if number else 0)
    return limits


def _clipped(column: str, value: int) -> int:
    if column in PERMISSIONS:
        return value & (0o777 if column == "perm_maillist" else 7)
    return value


def write(limits: Mapping[str, int]) -> str:
    """The text of a limits file; columns that are not given have their initial value.

    Raises KeyError for unknown ones.
    """
    unknown = set(limits) - set(COLUMNS)
    if unknown:
        raise KeyError(f"not a limit: {', '.join(sorted(unknown))}")
    values = DEFAULTS | dict(limits)
    lines = [f"{key}: {values[column]}" for column, key in COUNTS.items()]
    lines += [key for column, key in SWITCHES.items() if values[column]]
    lines += [f"{name}: {values[name]}" for name in PERMISSIONS]
    return "".join(line + "\n" for line in lines)


def check(text: str) -> str:
    """Return `text` when every line of it is a limit this grammar knows.

    Raise ValueError with a sentence otherwise.
    """
    if len(text.encode()) > LONGEST_FILE:
        raise ValueError(f"A limits file has at most {LONGEST_FILE} bytes.")
    for line in text.split("\n"):
        if not line or line.startswith("#"):
            continue
        match = WORD.match(line)
        column = COLUMN_OF.get(match[1]) if match else None
        if not match or column is None:
            raise ValueError(f"“{line[:60]}” is not a limit.")
        if column not in SWITCHES and not re.fullmatch(r"-?[0-9]{1,20}", match[2]):
            raise ValueError(f"“{line[:60]}” has no number.")
    return text
