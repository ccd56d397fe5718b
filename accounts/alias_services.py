"""What pages and commands do to aliases: each function is one entry of the journal."""

from django.utils.translation import gettext as _

from accounts import gate
from accounts.account_services import real_name
from audit.change import command_line, perform
from audit.log import Actor
from vpopmail import rules
from vpopmail.alias_kinds import is_list
from vpopmail.aliases import get_alias, used
from vpopmail.engines import get_engine
from vpopmail.engines.base import NotFound, Outcome, Refused
from vpopmail.forwarding_parts import printable
from vpopmail.models import accounts_of


def _check_no_list(domain: str, alias: str, lines: list[str]) -> None:
    """A list is several files that name each other, and a directory."""
    if is_list(lines):
        raise Refused(
            _("%(address)s belongs to a mailing list, which is changed as a whole and not line by line.")
            % {"address": f"{alias}@{domain}"},
            field="line",
        )


def _lines(domain: str, alias: str) -> list[str]:
    return [line.line for line in get_alias(domain, alias)]


def _check_beside(domain: str, alias: str, lines: list[str], beside_account: bool) -> None:
    """An alias takes the mail of an account of the same name; an alias that is there already does so
    anyway."""
    if not lines and not beside_account and accounts_of(domain).filter(name=alias).exists():
        raise Refused(
            _("There is an account %(address)s; its mailbox would get no more mail: the alias comes first.")
            % {"address": f"{alias}@{domain}"},
            field="name",
        )


def add_alias(*, actor: Actor, domain: str, alias: str, line: str, beside_account: bool = False) -> Outcome:
    """Add a line to an alias, which is thereby made if it is new. `domain` may be an alias domain.

    A line that is there already, a circle, and an account of the same name (unless `beside_account`) are
    refused.
    """
    domain, line = real_name(domain), line.lstrip(" ")  # as vpopmail's valias_insert does
    rules.check_new_alias_line(domain, alias, line)
    lines = _lines(domain, alias)
    if line in lines:
        raise Refused(
            _("%(address)s has the line %(line)s already.") % {"address": f"{alias}@{domain}", "line": line},
            field="line",
        )
    _check_no_list(domain, alias, lines)
    _check_beside(domain, alias, lines, beside_account)
    warnings, bound = gate.alias_lines(actor, domain, alias, lines, [*lines, line]), gate.is_bound(actor)
    options: list[str | tuple[str, str]] = [("-i", line)]
    return perform(
        actor,
        "valias",
        f"{alias}@{domain}",
        lambda entry: get_engine().valias_insert(domain, alias, line, bound=bound, entry=entry),
        domain=domain,
        changes={"line": [None, line]},
        command=command_line("valias", options + ["--beside-account"] * beside_account, f"{alias}@{domain}"),
        warnings=warnings,
    )


def remove_alias(*, actor: Actor, domain: str, alias: str, line: str, id: int | None = None) -> Outcome:
    """Remove one line of an alias, by its id where the table has one. The last line takes the alias with
    it."""
    domain = real_name(domain)
    address = f"{alias}@{domain}"
    rows = get_alias(domain, alias)
    if not any(row.line == line and id in (None, row.id) for row in rows):
        raise NotFound(
            _("%(address)s has no line %(line)s.") % {"address": address, "line": line}, field="line"
        )
    before, left = [row.line for row in rows], [row.line for row in rows if row.line != line]
    _check_no_list(domain, alias, before)
    gate.alias_lines(actor, domain, alias, before, left)
    bound = gate.is_bound(actor)
    return perform(
        actor,
        "valias",
        address,
        lambda entry: get_engine().valias_remove(domain, alias, line, id=id, bound=bound, entry=entry),
        domain=domain,
        changes={"line": [printable(line), None]},
        command=command_line("valias", [("--remove", printable(line))], address),
    )


def delete_alias(*, actor: Actor, domain: str, alias: str) -> Outcome:
    """Delete an alias with all its lines. Raises NotFound when it has none."""
    domain = real_name(domain)
    address = f"{alias}@{domain}"
    found = get_alias(domain, alias)
    lines = [line.line for line in found]
    if not lines:
        raise NotFound(_("There is no alias %(address)s.") % {"address": address}, field="name")
    _check_no_list(domain, alias, lines)
    gate.alias_lines(actor, domain, alias, lines, [])
    return perform(
        actor,
        "valias",
        address,
        lambda entry: get_engine().valias_delete(domain, alias, entry=entry),
        domain=domain,
        changes={"lines": [[printable(line.line) for line in used(found)], None]},
        command=command_line("valias", ["-d"], address),
    )
