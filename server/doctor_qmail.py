"""What qmail's files and the directories of domains disagree about: the helper compares, here it gets words
and repairs."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from server.findings import Finding
from vpopmail import helper
from vpopmail.assigned import domains
from vpopmail.repairs import Mend, Repair


class Kind(NamedTuple):
    """Sentences with `%(name)s` and `%(evidence)s`; `safe` as in Finding."""

    text: Promise
    plan: Promise
    mend: Mend | None = None
    safe: bool = False


_BOTH = gettext_lazy("Delete one of the two lines from users/assign by hand, then run qmail-newu.")
_AGAIN = gettext_lazy("Delete the alias domain %(name)s and add it again.")
_COMPILE = gettext_lazy("Run qmail-newu and read %(name)s back from users/cdb.")
_COMPILE_MORE = gettext_lazy("Run qmail-newmrh.")

KINDS: dict[str, Kind] = {
    "damaged": Kind(
        gettext_lazy("The compiled file %(name)s is damaged: qmail cannot read it."),
        gettext_lazy("Compile it anew, with qmail-newu (cdb) or qmail-newmrh (morercpthosts.cdb)."),
        Mend.COMPILE,
        True,
    ),
    "cdb-lacks": Kind(
        gettext_lazy("%(name)s is in users/assign, but not in users/cdb: its mail bounces."),
        _COMPILE,
        Mend.COMPILE,
        True,
    ),
    "cdb-differs": Kind(
        gettext_lazy("users/assign and users/cdb say different things about %(name)s."),
        _COMPILE,
        Mend.COMPILE,
        True,
    ),
    "cdb-extra": Kind(
        gettext_lazy("%(name)s is in users/cdb, but not in users/assign."),
        gettext_lazy("Run qmail-newu; %(name)s is then no domain any more."),
        Mend.COMPILE,
    ),
    "assign-twice": Kind(
        gettext_lazy("%(name)s has two different lines in users/assign; the first one counts."), _BOTH
    ),
    "alias-without-real": Kind(
        gettext_lazy("%(name)s leads to a domain that has no line of its own in users/assign."), _AGAIN
    ),
    "alias-elsewhere": Kind(
        gettext_lazy("%(name)s leads to another directory or owner than its domain has."), _AGAIN
    ),
    "virtual-lacks": Kind(
        gettext_lazy("%(name)s is not in virtualdomains: qmail does not deliver its mail to vpopmail."),
        gettext_lazy("Add the line %(name)s:%(name)s to virtualdomains and signal qmail-send."),
        Mend.VIRTUAL,
        True,
    ),
    "virtual-differs": Kind(
        gettext_lazy("virtualdomains hands the mail for %(name)s to somebody else."),
        gettext_lazy("Change the line to %(name)s:%(name)s by hand if this is not meant to be so."),
    ),
    "virtual-extra": Kind(
        gettext_lazy("%(name)s is in virtualdomains, but is no domain here: its mail bounces."),
        gettext_lazy("Remove %(name)s from rcpthosts and morercpthosts, then from virtualdomains."),
        Mend.FORGET_NAME,
    ),
    "local-too": Kind(
        gettext_lazy("%(name)s is in locals: qmail delivers its mail to system users, not to vpopmail."),
        gettext_lazy("Remove the line %(name)s from locals and signal qmail-send."),
        Mend.LOCAL,
        True,
    ),
    "rcpt-lacks": Kind(
        gettext_lazy("%(name)s is neither in rcpthosts nor in morercpthosts: mail from outside is refused."),
        gettext_lazy("Add %(name)s to rcpthosts, or to morercpthosts when rcpthosts is full."),
        Mend.ACCEPT,
    ),
    "rcpt-extra": Kind(
        gettext_lazy("Mail for %(name)s is accepted, but it is no domain here and no route is known."),
        gettext_lazy("Remove %(name)s from %(evidence)s, unless this host is its backup MX."),
        Mend.FORGET_NAME,
    ),
    "more-lacks": Kind(
        gettext_lazy("%(name)s is in morercpthosts, but not in morercpthosts.cdb: its mail is refused."),
        _COMPILE_MORE,
        Mend.COMPILE_MORE,
        True,
    ),
    "more-extra": Kind(
        gettext_lazy("%(name)s is in morercpthosts.cdb, but not in morercpthosts."),
        _COMPILE_MORE,
        Mend.COMPILE_MORE,
        True,
    ),
    "directory-missing": Kind(
        gettext_lazy("The directory of %(name)s is not there."),
        gettext_lazy("Bring %(evidence)s back from a backup, or delete the domain."),
    ),
    "directory-owner": Kind(
        gettext_lazy("The directory of %(name)s does not belong to the user that users/assign names."),
        gettext_lazy("Give it back with chown -R, once you know why it changed."),
    ),
    "directory-mode": Kind(
        gettext_lazy("Others may write into the directory of %(name)s."),
        gettext_lazy("chmod go-w the directory."),
        Mend.MODES,
    ),
    "directory-extra": Kind(
        gettext_lazy("There is a directory %(name)s among the domains, but no such domain."),
        gettext_lazy("Move %(evidence)s away by hand, or add the domain again to users/assign."),
    ),
}


def examine() -> Iterator[Finding]:
    """Every difference that stands in two looks."""
    found = helper.call("examine_qmail")
    lost = [one["name"] for one in found["items"] if one["kind"] == "cdb-extra" and one.get("there")]
    yield from (_finding(one, lost) for one in found["items"])
    if found["total"] > len(found["items"]):
        more = found["total"] - len(found["items"])
        yield Finding("more", "qmail", _("%(n)d further differences are not listed.") % {"n": more})


def _finding(one: dict[str, Any], lost: list[str]) -> Finding:
    """`lost`: names that compiling would make unknown although their directories are there."""
    kind = KINDS[one["kind"]]
    words = {"name": one["name"], "evidence": one["evidence"]}
    plan, safe = kind.plan % words, kind.safe
    if kind.mend == Mend.COMPILE and [name for name in lost if name != one["name"]]:
        safe = False
        plan += " " + _("That makes qmail forget %(names)s as well.") % {"names": ", ".join(lost[:5])}
    repair = Repair(kind.mend, one["name"]) if kind.mend else None
    if one["kind"] == "damaged":
        repair, safe = _of_damaged(one["name"])
    return Finding(one["kind"], one["name"], kind.text % words, one["evidence"], plan, repair, safe)


def _of_damaged(file: str) -> tuple[Repair | None, bool]:
    """What cannot be read is compiled from the text beside it, for any domain that is in it."""
    name = next(iter(domains().real_domains), "")
    if not name:
        return None, False
    return Repair(Mend.COMPILE if file == "cdb" else Mend.COMPILE_MORE, name), True
