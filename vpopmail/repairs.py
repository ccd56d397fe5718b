"""What a repair is: one kind of drift of one domain, account or name, mended by `Engine.repair`."""

from dataclasses import dataclass
from enum import StrEnum


class Mend(StrEnum):
    """What is mended. Each looks again under the lock, and changes nothing when all is well by then."""

    COMPILE = "cdb"  # qmail-newu, so that users/cdb says what users/assign says
    VIRTUAL = "virtualdomains"  # the name's line is added
    LOCAL = "locals"  # the name's line is removed
    ACCEPT = "rcpthosts"  # the name is added
    COMPILE_MORE = "morercpthosts.cdb"  # qmail-newmrh
    FORGET_NAME = "forget-name"  # a name that is no domain leaves rcpthosts and virtualdomains
    ALIAS_DOMAIN_ROW = "aliasdomains"  # the row says what users/assign says
    LIMITS_ROW = "limits"  # the row of an unknown domain is removed
    LAST_AUTH_ROW = "lastauth"  # the row of an account that does not exist is removed
    COUNTER = "dir_control"  # the counter moves on to the number of rows; that of an unknown domain goes
    ALIAS_ROWS = "valias"  # the rows of a domain that does not exist, or of an alias domain, are removed
    TABLE = "table"  # the domain's own table is made
    MAILBOX = "mailbox"  # the directory of an account is made
    SIZE = "maildirsize"  # the file is written anew, or removed when there is no quota
    RECOUNT = "recount"  # the same, and the sum in it is not believed
    MODES = "modes"  # nobody else may write into a mailbox, or into the domain's own directories and files
    PARTS = "parts"  # the directories that lack in a mailbox are made
    PLACE = "pw_dir"  # an empty pw_dir is filled
    STRAY = "stray"  # a mailbox without an account goes to the trash; `name` is "hash/name"
    ACCOUNT_ROWS = "accounts"  # the rows (or the table `name`) of an unknown domain are removed
    CONNECT = "assign"  # the line of a domain that has rows and a directory comes back
    ALIAS_LINE = "line"  # `line` of the alias is removed
    HIDDEN_ROWS = "hidden"  # the rows of an alias that is a file as well are removed
    PASSWORDS = "passwords"  # clear passwords in the table `name` are emptied

    @property
    def is_qmail(self) -> bool:
        """Is it a file of qmail's, mended by the helper alone?"""
        return self in (Mend.COMPILE, Mend.VIRTUAL, Mend.LOCAL, Mend.ACCEPT, Mend.COMPILE_MORE)


@dataclass(frozen=True, slots=True)
class Repair:
    """`name` is an account's or alias's, where the repair is about one; else ""."""

    mend: Mend
    domain: str
    name: str = ""
    line: str = ""
