"""Adding, changing and deleting accounts: each function is one entry of the journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext as _

from accounts import gate
from audit.change import command_line, perform
from audit.log import Actor
from vpopmail import flags as bits
from vpopmail import limits, models, rules
from vpopmail.aliases import get_alias
from vpopmail.engines import get_engine
from vpopmail.engines.base import NewAccount, NotFound, Outcome, VpopmailError
from vpopmail.given import credentials, locked, quota_text
from vpopmail.locked import is_locked
from vpopmail.models import Account
from vpopmail.remains import Remains, in_words, remains_of


@dataclass(frozen=True, slots=True)
class Saved(Outcome):
    """The outcome, and the account as its row stands afterwards."""

    account: Account | None = None


def real_name(domain: str) -> str:
    """The real domain of a domain or alias domain. Raises NotFound."""
    return rules.real_domain(domain).name


def find_account(domain: str, name: str) -> Account:
    """The account `name` of a real domain. Raises NotFound."""
    account = models.find_account(domain, name)
    if account is None:
        raise NotFound(_("There is no account %(address)s.") % {"address": f"{name}@{domain}"}, field="name")
    return account


def saved(outcome: Outcome, domain: str, name: str) -> Saved:
    """Read the row back: the table is the truth. What was done stays done when that fails."""
    warnings, account = outcome.warnings, None
    try:
        account = models.find_account(domain, name)
    except (VpopmailError, DatabaseError, InterfaceError):
        warnings += (_("This was done, but the account could not be read back."),)
    return Saved(warnings, outcome.kept_until, outcome.trash, account)


def _flag_options(gid: int) -> list[str]:
    """vmoduser's options for the bits that have a letter."""
    return [f"-{letter}" for letter in bits.letters(gid)]


def _line_for_new(
    account: NewAccount, domain: str, *, ready_hash: bool, beside_alias: bool, keep_left: bool
) -> str:
    """The command line that adds the same account."""
    options: list[str | tuple[str, str]] = []
    if account.quota:
        options.append(("-q", account.quota))
    if account.gecos:
        options.append(("-c", account.gecos))
    options += ["-e"] * ready_hash + ["--beside-alias"] * beside_alias
    options += ["--park-existing"] * account.park_existing + ["--keep-left"] * keep_left
    address = f"{account.name}@{domain}"
    line = command_line("vadduser", options, address)
    if account.flags:
        line += " && " + command_line("vmoduser", _flag_options(account.flags), address)
    return line


def _new_values(account: NewAccount) -> dict[str, object]:
    changes: dict[str, object] = {"password": "changed"}
    if account.gecos:
        changes["gecos"] = [None, account.gecos]
    if account.quota:
        changes["quota"] = [None, account.quota]
    if account.flags:
        changes["flags"] = [None, account.flags]
    return changes


def _remains(domain: str, name: str, left: str) -> list[str]:
    """What is left of the name, and what becomes of it, in sentences. Raises Remains where that is asked."""
    found = in_words(name, remains_of(domain, name))
    if not found:
        return []
    if left == "ask":
        told = _("This is left of an earlier account of the name: %(what)s")
        raise Remains(told % {"what": " ".join(found)}, field="name")
    told = _("Left of an earlier account of the name, and removed: %(what)s")
    if left == "keep":
        told = _("Left of an earlier account of the name, and kept: %(what)s")
    return [told % {"what": sentence} for sentence in found]


def add_account(
    *,
    actor: Actor,
    domain: str,
    name: str,
    password: str = "",
    password_hash: str = "",
    gecos: str = "",
    quota: str = "",
    flags: int = 0,
    beside_alias: bool = False,
    park_existing: bool = False,
    left: str = "remove",
) -> Saved:
    """Add an account; `domain` may be an alias domain. `quota` "" is the domain's default, `gecos` "" the
    name. Occupied is raised where a directory with mail has its name, unless `park_existing` moves that to
    the trash. `left` says what becomes of what is left of the name under alias domains (vpopmail.remains):
    `remove`, `keep`, or `ask`, which raises Remains.

    Administrators may exceed the domain's limits, and are warned. Raises VpopmailError.
    """
    domain = real_name(domain)
    rules.check_new_account(domain, name, beside_alias=beside_alias)
    rules.check_gecos(domain, gecos)
    text = quota_text(quota)
    warnings = gate.new_accounts(actor, domain, [NewAccount(name, "", quota=text, flags=flags)])
    secret = credentials(domain, name, password, password_hash)
    found = _remains(domain, name, left)
    warnings += found
    gone = bool(found) and left == "remove"
    account = NewAccount(name, secret.password_hash, secret.clear, gecos, text, flags, park_existing, gone)
    bound = gate.is_bound(actor)
    outcome = perform(
        actor,
        "vadduser",
        f"{name}@{domain}",
        lambda entry: get_engine().vadduser(domain, account, bound=bound, entry=entry),
        domain=domain,
        changes=_new_values(account),
        command=_line_for_new(
            account,
            domain,
            ready_hash=bool(password_hash),
            beside_alias=beside_alias,
            keep_left=bool(found) and left == "keep",
        ),
        warnings=warnings,
    )
    return saved(outcome, domain, name)


def add_accounts(*, actor: Actor, domain: str, accounts: Sequence[NewAccount]) -> Outcome:
    """Add many accounts at once, all of them or none, under one entry. Their hashes are ready. Raises
    VpopmailError."""
    domain = real_name(domain)
    if not accounts:
        return Outcome()
    names = [account.name for account in accounts]
    rules.check_new_accounts(domain, names)
    warnings, bound = gate.new_accounts(actor, domain, accounts), gate.is_bound(actor)
    return perform(
        actor,
        "vadduser",
        domain,
        lambda entry: get_engine().vaddusers(domain, accounts, bound=bound, entry=entry),
        domain=domain,
        changes={"accounts": [None, names]},
        warnings=warnings,
    )


def delete_account(*, actor: Actor, domain: str, name: str, aliases: str = "keep") -> Outcome:
    """Delete an account; its mail is kept in the trash until `kept_until`.

    `aliases` is `keep` or `delete`: the lines of the alias of the same name. Those kept are named in a
    warning, since mail to the address goes on to them. Raises VpopmailError.
    """
    domain = real_name(domain)
    gate.delete(actor, find_account(domain, name))
    address = f"{name}@{domain}"
    lines = [line.line for line in get_alias(domain, name)]
    if aliases == "delete" and lines:
        gate.alias_lines(actor, domain, name, lines, [])
    changes: dict[str, object] = {"account": [address, None]}
    warnings = []
    if lines and aliases == "delete":
        changes["lines"] = [lines, None]
    elif lines:
        warnings.append(
            _("The alias %(address)s is still there, so mail to it goes on to: %(lines)s")
            % {"address": address, "lines": ", ".join(lines)}
        )
    return perform(
        actor,
        "vdeluser",
        address,
        lambda entry: get_engine().vdeluser(domain, name, aliases=aliases, entry=entry),
        domain=domain,
        changes=changes,
        command=command_line("vdeluser", [("--aliases", aliases)] if aliases != "keep" else [], address),
        warnings=warnings,
    )


def is_password_locked(account: Account) -> bool:
    """Does the account's own flag or its domain's limits forbid a new password? vpasswd obeys, vmoduser -C
    does not."""
    gid = bits.effective(account.gid, limits.read(account.domain).values)
    return bool(gid & bits.NO_PASSWORD_CHANGE)


def _line_for_password(account: Account, ready_hash: bool) -> str:
    if is_password_locked(account):
        return command_line("vmoduser", ["-e" if ready_hash else "-C"], account.address)
    return command_line("vpasswd", ["-e"] if ready_hash else [], account.address)


def change_password(
    *, actor: Actor, domain: str, name: str, password: str = "", password_hash: str = ""
) -> Saved:
    """Set a password, or a ready hash, also where people may not change it themselves. A disabled account
    stays so. Raises VpopmailError."""
    domain = real_name(domain)
    account = find_account(domain, name)
    gate.password(actor, account)
    secret = credentials(domain, name, password, password_hash)
    warnings = []
    if is_locked(account.passwd):
        secret = locked(domain, secret)
        warnings.append(_("The account stays disabled: the new password counts once it is enabled again."))
    outcome = perform(
        actor,
        "vpasswd",
        account.address,
        lambda entry: get_engine().vpasswd(domain, name, secret.password_hash, secret.clear, entry=entry),
        domain=domain,
        changes={"password": "changed"},
        command=_line_for_password(account, bool(password_hash)),
        warnings=warnings,
    )
    return saved(outcome, domain, name)


def _line_for_change(account: Account, gecos: str | None, gid: int, address: str) -> str:
    """`-x` clears every bit of the row, so it comes with all that are to stay."""
    options: list[str | tuple[str, str]] = []
    if gecos is not None:
        options.append(("-c", gecos))
    if account.gid & ~gid:
        options += ["-x", *_flag_options(gid)]
    else:
        options += _flag_options(gid & ~account.gid)
    return command_line("vmoduser", options, address)


def change_account(
    *,
    actor: Actor,
    domain: str,
    name: str,
    gecos: str | None = None,
    set_flags: int = 0,
    clear_flags: int = 0,
    expected: Mapping[str, object] | None = None,
) -> Saved:
    """Change the display name and single flags. Nothing is written, and no entry made, when the row has these
    values already.

    `expected` holds the values ("gecos", "gid") that the person saw: Changed is raised when they no longer
    stand.
    """
    domain = real_name(domain)
    account = find_account(domain, name)
    gate.change(actor, account)
    gate.change_flags(actor, account, set_flags, clear_flags)
    gid = bits.merged(account.gid, set_flags, clear_flags)
    changes: dict[str, object] = {}
    if gecos is not None and gecos != account.gecos:
        rules.check_gecos(domain, gecos)
        changes["gecos"] = [account.gecos, gecos]
    if gid != account.gid:
        changes["flags"] = [account.gid, gid]
    if not changes:
        return Saved(account=account)
    new_gecos = gecos if "gecos" in changes else None
    seen = expected if expected is not None else {"gecos": account.gecos} if "gecos" in changes else None
    outcome = perform(
        actor,
        "vmoduser",
        account.address,
        lambda entry: get_engine().vmoduser(
            domain,
            name,
            gecos=new_gecos,
            set_flags=gid & ~account.gid,
            clear_flags=account.gid & ~gid,
            expected=seen,
            entry=entry,
        ),
        domain=domain,
        changes=changes,
        command=_line_for_change(account, new_gecos, gid, account.address),
    )
    return saved(outcome, domain, name)


def change_quota(*, actor: Actor, domain: str, name: str, quota: str, expected: str | None = None) -> Saved:
    """Set the quota, given in people's words or vpopmail's. `expected` is the text that the person saw.
    Raises VpopmailError."""
    domain = real_name(domain)
    account = find_account(domain, name)
    text = quota_text(quota) or "NOQUOTA"
    if text == account.shell:
        return Saved(account=account)
    gate.change_quota(actor, account, text)
    outcome = perform(
        actor,
        "vsetuserquota",
        account.address,
        lambda entry: get_engine().vsetuserquota(
            domain, name, text, expected=account.shell if expected is None else expected, entry=entry
        ),
        domain=domain,
        changes={"quota": [account.shell, text]},
        command=command_line("vsetuserquota", [], account.address, text),
    )
    return saved(outcome, domain, name)
