"""What needs knowledge of several tables or files before a change: is this name free, does it fit, does mail
go in circles.

Each check raises Refused (or NotFound) with a sentence for people and the `field` it belongs to: `domain`,
`name`, `alias`, `line`, `real`, `gecos`, `password`. Pages ask before the form is accepted, the engine asks
again under its lock.
"""

import re
from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _

from mailhost.dotqmail import BadLine, check_line
from mailhost.names import LONGEST_PATH, BadName, check_domain, check_local_part
from mailhost.qmail import LONGEST_LINE, AssignLine
from vpopmail import aliases, circles, helper
from vpopmail.assigned import Assigned, AssignedDomain, domains
from vpopmail.database import quoted, reading, rows
from vpopmail.engines.base import NotFound, Refused
from vpopmail.models import accounts_of
from vpopmail.recipients import patterns
from vpopmail.schema import OWN_TABLES, PER_DOMAIN, schema, table_of

LONGEST_TABLE = 64  # MariaDB's bound for the name of a table
LONGEST_ELSEWHERE = 32  # lastauth.user and valias.alias as vpopmail makes them
# vpopmail's CREATE TABLE does not quote the name, so what reads as a number with an exponent is a syntax
# error.
_LIKE_A_FLOAT = re.compile(r"\d+e\d")
_NAMES_PER_QUERY = 500


# --- domains ---


def real_domain(name: str, field: str = "domain") -> AssignedDomain:
    """The real domain behind a domain's or alias domain's name. Raises NotFound."""
    found = domains().real(name)
    if found is None:
        raise NotFound(_("There is no domain %(domain)s here.") % {"domain": name}, field=field)
    return found


def _check_free(known: Assigned, name: str, field: str) -> None:
    found = known.get(name)
    if found is None:
        return
    if found.is_alias:
        message = _("%(domain)s is already an alias domain of %(real)s.")
    else:
        message = _("The domain %(domain)s exists already.")
    raise Refused(message % {"domain": name, "real": found.real}, field=field)


def _check_domain_name(name: str, field: str) -> None:
    try:
        check_domain(name)
    except BadName as error:
        raise Refused(str(error), field=field) from error


def check_new_domain(name: str) -> None:
    """Refuse a name that is no domain, exists (also as an alias domain), or that the tables or paths cannot
    hold."""
    _check_domain_name(name, "domain")
    known = domains()
    _check_free(known, name, "domain")
    _check_width(
        name, [("dir_control", "domain"), ("lastauth", "domain"), ("vpopmail", "pw_domain")], 96, "domain"
    )
    if schema().layout == PER_DOMAIN:
        _check_table_name(name, known)
    directory = f"{settings.VPOPMAIL_HOME}/domains/{name}"
    if len(f"{directory}/postmaster") > LONGEST_PATH:
        raise Refused(
            _("The path of that domain’s mailboxes would be longer than vpopmail can store."), field="domain"
        )
    _check_assign_line(name, name, directory, "domain")


def _check_assign_line(name: str, real: str, directory: str, field: str) -> None:
    """vpopmail reads qmail's assign file in pieces of 300 bytes; a longer line breaks it for every domain."""
    line = AssignLine(name, real, settings.VPOPMAIL_UID, settings.VPOPMAIL_GID, directory)
    if len(str(line)) > LONGEST_LINE:
        raise Refused(
            _("This name is too long: its line in qmail’s assign file would have over %(most)d characters.")
            % {"most": LONGEST_LINE},
            field=field,
        )


def _check_table_name(name: str, known: Assigned) -> None:
    """In the per-domain layout the domain's table must be nobody else's: vpopmail would fill or drop the
    other one."""
    table = table_of(name)
    if len(table) > LONGEST_TABLE:
        raise Refused(
            _("With one table per domain a domain has at most %(most)d characters.")
            % {"most": LONGEST_TABLE},
            field="domain",
        )
    if _LIKE_A_FLOAT.match(table):
        raise Refused(
            _("vpopmail cannot make a table for a domain whose name begins like a number."), field="domain"
        )
    if table in OWN_TABLES:
        raise Refused(
            _("The domain’s table would be called %(table)s, which is a table of vpopmail’s own.")
            % {"table": table},
            field="domain",
        )
    _check_table_is_free(table, known)


def _check_table_is_free(table: str, known: Assigned) -> None:
    other = next((domain for domain in known.real_domains if table_of(domain) == table), "")
    if other:
        raise Refused(
            _("%(other)s already uses the table %(table)s, which this domain would need as well.")
            % {"other": other, "table": table},
            field="domain",
        )
    if schema().exists_now(table):
        raise Refused(
            _("A table %(table)s that belongs to no domain is there already; rename or remove it first.")
            % {"table": table},
            field="domain",
        )


def check_new_alias_domain(real: str, alias: str) -> None:
    """Refuse an alias domain that is no domain name, exists, is the real domain itself, or is too long for
    its table."""
    _check_domain_name(alias, "alias")
    if alias == real:
        raise Refused(_("A domain cannot be an alias domain of itself."), field="alias")
    known = domains()
    found = known.real(real)
    if found is None:
        raise NotFound(_("There is no domain %(domain)s here.") % {"domain": real}, field="real")
    _check_free(known, alias, "alias")
    _check_assign_line(alias, found.name, found.directory, "alias")
    if schema().alias_domains:
        _check_width(alias, [("aliasdomains", "alias")], 96, "alias")


# --- accounts ---


def check_new_account(domain: str, name: str, beside_alias: bool = False) -> None:
    """Refuse an account whose name is malformed, too long for a table or path, taken, or an alias's (vpopmail
    would deliver to the alias), unless `beside_alias`. `domain` may be an alias domain."""
    check_new_accounts(domain, [name], beside_alias)


def check_new_accounts(domain: str, names: Sequence[str], beside_alias: bool = False) -> None:
    """The same for many names of one domain with a few queries; names given twice are refused as well."""
    found = real_domain(domain)
    seen: set[str] = set()
    for name in names:
        _check_account_name(found, name)
        if name in seen:
            raise Refused(_("The name %(name)s is given twice.") % {"name": name}, field="name")
        seen.add(name)
    for start in range(0, len(names), _NAMES_PER_QUERY):
        part = list(names[start : start + _NAMES_PER_QUERY])
        taken = next(
            iter(accounts_of(found.name).filter(name__in=part).values_list("name", flat=True)[:1]), ""
        )
        if taken:
            raise Refused(
                _("The account %(address)s exists already.") % {"address": f"{taken}@{found.name}"},
                field="name",
            )
        if not beside_alias:
            _check_no_aliases(found.name, part)


def _check_account_name(domain: AssignedDomain, name: str) -> None:
    try:
        check_local_part(name, shortest=2 if schema().big_dir else 1)
    except BadName as error:
        raise Refused(str(error), field="name") from error
    table = schema().user_table(domain.name)
    _check_width(name, [(table, "pw_name")], 64, "name")
    _check_width(name, [("lastauth", "user")], LONGEST_ELSEWHERE, "name")
    if len(f"{domain.directory}/{name}") > schema().width(table, "pw_dir", LONGEST_PATH):
        raise Refused(_("The path of that mailbox would be longer than vpopmail can store."), field="name")


def _check_no_aliases(domain: str, names: list[str]) -> None:
    """vpopmail delivers to the alias, never to the mailbox of the same name; `a-default`, as mailing lists
    have it, takes every name that begins with `a-`."""
    wide = {alias: name for name in names for alias in patterns(name) if aliases.can_be_a_file(alias)}
    asked = [*names, *wide]
    state = helper.call("check_names", domain=domain, names=asked)["names"]
    taken = next((name for name in asked if state.get(name, {}).get("dotqmail")), "")
    if not taken and schema().aliases == "sql":
        taken = reading(_first_alias, domain, asked)
    if taken in wide:
        raise Refused(
            _("Mail for %(address)s would go to the mailing list or alias %(alias)s instead of the account.")
            % {"address": f"{wide[taken]}@{domain}", "alias": f"{taken}@{domain}"},
            field="name",
        )
    if taken:
        raise Refused(
            _("There is an alias %(address)s, and mail would go to it instead of the account.")
            % {"address": f"{taken}@{domain}"},
            field="name",
        )


def _first_alias(domain: str, names: list[str]) -> str:
    if not schema().has_table(aliases.TABLE):
        return ""
    marks = ", ".join(["%s"] * len(names))
    found = rows(
        f"SELECT alias FROM {quoted(aliases.TABLE)} WHERE alias IN ({marks}) AND domain = %s LIMIT 1",  # noqa: S608
        [*names, domain],
    )
    return str(found[0][0]) if found else ""


def _check_width(text: str, places: Sequence[tuple[str, str]], usual: int, field: str) -> None:
    """Refuse text longer than a column; `usual` is the width where there is no table yet, or SQLite does not
    bound it."""
    most = min(schema().width(table, column, usual) for table, column in places)
    if len(text) > most:
        raise Refused(
            _("That is too long: this server’s tables hold %(most)d characters.") % {"most": most},
            field=field,
        )


def check_gecos(domain: str, gecos: str) -> None:
    """Refuse a display name with a colon or control characters, or one that the column cannot hold."""
    table = schema().user_table(real_domain(domain).name)
    if ":" in gecos or not gecos.isprintable():
        raise Refused(_("A display name holds no colon and no control characters."), field="gecos")
    _check_width(gecos, [(table, "pw_gecos")], 64, "gecos")
    charset = schema().charset(table, "pw_gecos")
    codec = {"latin1": "cp1252", "ascii": "ascii"}.get(charset)
    try:
        gecos.encode(codec or "utf-8")
    except UnicodeEncodeError:
        raise Refused(_("This server’s tables hold western European letters only."), field="gecos") from None


def check_hash(domain: str, password_hash: str) -> None:
    """Refuse a hash that would be cut off by the column: nobody could sign in with it."""
    table = schema().user_table(real_domain(domain).name)
    most = schema().width(table, "pw_passwd", 128)
    if len(password_hash) > most:
        raise Refused(
            _("That password hash is longer than the %(most)d characters of this server’s table.")
            % {"most": most},
            field="password",
        )


# --- aliases ---


def check_new_alias_line(domain: str, alias: str, line: str) -> None:
    """Refuse a line that is malformed, leads back to the alias, or an alias whose name the table cannot
    hold."""
    real = real_domain(domain)
    try:
        check_local_part(alias, shortest=1)
    except BadName as error:
        raise Refused(str(error), field="alias") from error
    if alias == "default":
        raise Refused(_("“default” is the domain’s own delivery, not an alias."), field="alias")
    try:
        check_line(line)
    except BadLine as error:
        raise Refused(str(error), field="line") from error
    if schema().aliases == "sql":
        _check_width(alias, [(aliases.TABLE, "alias")], LONGEST_ELSEWHERE, "alias")
    check_not_circular(real.name, alias, line)


def check_not_circular(domain: str, alias: str, line: str) -> None:
    """Refuse a forward that comes back to the alias itself, directly or through other aliases, alias domains,
    forwarding accounts and mail for unknown addresses here."""
    start = f"{alias}@{domain}"
    if circles.comes_back(start, aliases.destinations_of([aliases.line_of(alias, domain, line)])):
        raise Refused(
            _("That would send mail to %(address)s in a circle.") % {"address": start}, field="line"
        )
