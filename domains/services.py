"""What pages and commands do to domains: each function is one entry of the journal."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from audit.change import command_line, perform
from audit.log import Actor
from domains.default_limits_services import change_default_limits
from domains.limits_services import change_limits, delete_limits
from mailhost.names import BadName, check_domain
from vpopmail import rules, underway
from vpopmail.assigned import domains
from vpopmail.engines import get_engine
from vpopmail.engines.base import Incomplete, NewAccount, NotFound, Outcome, Refused, VpopmailError
from vpopmail.given import credentials, quota_text

__all__ = ["add_domain", "change_default_limits", "change_limits", "delete_domain", "delete_limits"]

_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9_+=][A-Za-z0-9._+=-]*@[A-Za-z0-9][A-Za-z0-9.-]*")


def _check_unknown(unknown: str) -> None:
    """qmail hands the address to a shell, so it has only letters that mean nothing there."""
    if unknown not in ("bounce", "delete") and not _PLAIN_ADDRESS.fullmatch(unknown):
        raise Refused(
            _("Mail for unknown recipients is bounced, deleted, or sent to a plain address."),
            field="unknown",
        )


def _make_alias_domains(domain: str, aliases: Sequence[str], entry: str) -> Outcome:
    """Add the alias domains of a domain just made; when one fails, the domain is taken back as well."""
    outcome = Outcome()
    try:
        for alias in aliases:
            outcome += get_engine().vaddaliasdomain(domain, alias, entry=entry)
    except VpopmailError as error:
        try:
            get_engine().vdeldomain(domain, with_alias_domains=True, entry=entry)
        except VpopmailError as second:
            raise Incomplete(
                _("%(domain)s was added, but not its alias domains: %(reason)s It stays: %(second)s")
                % {"domain": domain, "reason": error.message, "second": second.message}
            ) from error
        raise
    return outcome


def _check_alias_domains(domain: str, aliases: Sequence[str]) -> None:
    for position, alias in enumerate(aliases):
        if alias == domain or alias in aliases[:position]:
            raise Refused(_("%(alias)s is named twice.") % {"alias": alias}, field="alias_domains")
        try:
            check_domain(alias)
        except BadName as error:
            raise Refused(f"{alias}: {error}", field="alias_domains") from error
        if alias in domains():
            raise Refused(_("%(alias)s exists already.") % {"alias": alias}, field="alias_domains")


def add_domain(
    *,
    actor: Actor,
    domain: str,
    password: str = "",
    password_hash: str = "",
    quota: str = "",
    unknown: str = "bounce",
    alias_domains: Sequence[str] = (),
) -> Outcome:
    """Add a domain with its postmaster, and its alias domains: all of it or nothing.

    `quota` is the postmaster's ("" for the default); `unknown` says what happens to mail for unknown
    recipients: `bounce`, `delete`, or an address. Raises VpopmailError.
    """
    rules.check_new_domain(domain)
    _check_unknown(unknown)
    _check_alias_domains(domain, alias_domains)
    secret = credentials(domain, "postmaster", password, password_hash)
    postmaster = NewAccount("postmaster", secret.password_hash, secret.clear, "Postmaster", quota_text(quota))

    def change(entry: str) -> Outcome:
        underway.note(entry, "intends", alias_domains=list(alias_domains))
        outcome = get_engine().vadddomain(domain, postmaster, unknown=unknown, entry=entry)
        return outcome + _make_alias_domains(domain, alias_domains, entry)

    changes: dict[str, object] = {"unknown": [None, unknown], "password": "changed"}
    if postmaster.quota:
        changes["quota"] = [None, postmaster.quota]
    if alias_domains:
        changes["alias_domains"] = [None, list(alias_domains)]
    options = [("-q", postmaster.quota)] if postmaster.quota else []
    options += [("--unknown", unknown), *(("--alias", alias) for alias in alias_domains)]
    line = command_line("vadddomain", options, domain)
    return perform(actor, "vadddomain", domain, change, domain=domain, changes=changes, command=line)


def delete_domain(*, actor: Actor, domain: str, with_alias_domains: bool = False) -> Outcome:
    """Delete a domain, or an alias domain alone. The directory is kept in the trash until `kept_until`.

    Raises Refused, naming them, when there are alias domains and `with_alias_domains` is not set.
    """
    assigned = domains().get(domain)
    if assigned is None:
        raise NotFound(_("There is no domain %(domain)s here.") % {"domain": domain}, field="domain")
    aliases = [] if assigned.is_alias else list(domains().aliases_of(domain))
    if aliases and not with_alias_domains:
        raise Refused(
            _("%(domain)s has alias domains, which would be deleted as well: %(aliases)s.")
            % {"domain": domain, "aliases": ", ".join(aliases)}
        )
    return perform(
        actor,
        "vdeldomain",
        domain,
        lambda entry: get_engine().vdeldomain(domain, with_alias_domains=with_alias_domains, entry=entry),
        domain=assigned.real,
        changes={"domain": [domain, None], **({"alias_domains": [aliases, None]} if aliases else {})},
        command=command_line("vdeldomain", ["-f"] if aliases else [], domain),
    )
