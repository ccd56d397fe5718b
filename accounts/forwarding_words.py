"""What an account's forwarding says, for people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.translation import gettext as _

from accounts.destinations import Destination, shown_lines
from accounts.forwarding_services import CHANGE_FORWARDING
from vpopmail import aliases, forwarding
from vpopmail.engines.base import VpopmailError
from vpopmail.forwarding import Forwarding, Part
from vpopmail.models import Account
from web.access import domains_of, may


@dataclass(frozen=True, slots=True)
class Shown:
    """One account's forwarding as pages show it. `sentence` ends in a colon where `destinations` follow;
    `warnings` say what is wrong with the file."""

    sentence: str
    kind: str
    destinations: Sequence[Destination]
    foreign: Sequence[Part]
    warnings: Sequence[str]
    editable: bool
    answers: bool


def of(user: AbstractBaseUser | AnonymousUser, account: Account) -> Shown | None:
    """For the page of an account; None where the mail host does not answer: the rest of the page stands."""
    try:
        return shown(user, account, forwarding.read(account))
    except VpopmailError:
        return None


def shown(user: AbstractBaseUser | AnonymousUser, account: Account, now: Forwarding) -> Shown:
    """What a person may know of it: which addresses exist is told within its own domains alone."""
    own = domains_of(user)
    may_know = None if own is None else own | {account.domain}
    lines = [
        aliases.line_of(account.name, account.domain, part.text)
        for part in now.parts
        if part.kind == "destination"
    ]
    return Shown(
        sentence(now),
        kind_of(now),
        shown_lines(lines, may_know),
        now.foreign,
        warnings_of(now),
        now.readable and _may_change(user, account),
        bool(now.vacation),
    )


def _may_change(user: AbstractBaseUser | AnonymousUser, account: Account) -> bool:
    hides: Callable[[str, object], bool] = getattr(user, "hides", lambda *args: False)
    return may(user, CHANGE_FORWARDING, account) and not hides(CHANGE_FORWARDING, account)


def kind_of(now: Forwarding) -> str:
    """mailbox, forward, copy, blackhole, other, or unreadable."""
    if not now.readable:
        return "unreadable"
    if now.destinations:
        return "copy" if now.keeps_copy else "forward"
    if now.blackhole:
        return "blackhole"
    return "mailbox" if now.keeps_copy else "other"


def sentence(now: Forwarding) -> str:
    """Where mail goes, in one sentence."""
    if now.elsewhere:
        return _("The mailbox lies elsewhere, so the panel cannot say where its mail goes.")
    return {
        "unreadable": _("There is a file that forwards mail, and the panel may not read it."),
        "copy": _("Keeps a copy and forwards to:"),
        "forward": _("Keeps no copy and forwards to:"),
        "blackhole": _("New mail is thrown away: it reaches nobody."),
        "mailbox": _("New mail goes into the mailbox, and nowhere else."),
        "other": _("New mail goes where lines lead that were not written by this panel."),
    }[kind_of(now)]


def warnings_of(now: Forwarding) -> list[str]:
    """What is wrong with the file, in sentences."""
    found = []
    if now.delivers_twice:
        found.append(
            _(
                "More than one line delivers into the mailbox, so that each mail arrives twice. "
                "The next change here leaves one."
            )
        )
    if any(not part.text for part in now.foreign):
        found.append(_("An empty line makes vpopmail send a copy to nobody."))
    found += [
        _("Mail waits and then goes back, since vpopmail cannot deliver by this line: %(line)s")
        % {"line": part.shown}
        for part in now.foreign
        if part.waits
    ]
    return found


def beside(now: Forwarding) -> str:
    """Under the first address in a column: how many more there are, and whether a copy is kept."""
    more = len(now.destinations) - 1
    words = [_("and %(n)d more") % {"n": more}] if more > 0 else []
    if now.destinations and now.keeps_copy:
        words.append(_("keeps a copy"))
    return ", ".join(words)


def in_a_cell(now: Forwarding) -> str:
    """What a column says of mail that is not forwarded; "" when it goes into the mailbox."""
    return {
        "blackhole": _("Thrown away"),
        "other": _("By lines of its own"),
        "unreadable": "" if now.elsewhere else _("Not readable"),
    }.get(kind_of(now), "")
