"""What binds people below administrator, on every way in: the limits of their domain, what its masks deny to
administrators of the domain other than the postmaster, and accounts that stand above them.

Pages hide or refuse the same (accounts.roles); the services ask here, whoever calls them. Administrators and
the command line are only warned where a limit is exceeded.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts import masks, roles
from accounts.masks import CREATE, DELETE, MODIFY, is_masked
from accounts.models import User
from accounts.roles import Role
from audit.log import Actor
from mailhost.dotqmail import parse_line
from vpopmail import bounds, flags, limits, quota, robots
from vpopmail.engines.base import NewAccount, Refused
from vpopmail.models import Account, find_account
from web.access import may

FOR_SUPERUSERS = flags.SYSTEM_ADMIN | flags.SYSTEM_EXPERT  # vpopmail's own program sets these for root alone
ADD_PROGRAM = "vpopmail.add_program"
# Flags that lead out of the domain's limits or above its postmaster, and those that the site keeps for
# itself.
FOR_ADMINISTRATORS = (
    flags.OVERRIDE_LIMITS | flags.SYSTEM_ADMIN | flags.SYSTEM_EXPERT | 0x80 | 0x100 | 0x200 | 0x400
)


def is_bound(actor: Actor) -> bool:
    """Whether the limits of the domain hold for this person; None is the command line."""
    if actor is None:
        return False
    return not isinstance(actor, User) or roles.role_of(actor) in (Role.POSTMASTER, Role.OWNER)


def _check_mask(actor: Actor, domain: str, column: str, denied: int) -> None:
    if masks.denies(actor, domain, column, denied):
        raise Refused(_("In %(domain)s only the postmaster may do this.") % {"domain": domain})


def _check_domain(actor: Actor, domain: str) -> None:
    """What belongs to the domain as a whole is its postmaster's, and that of its administrators."""
    if not isinstance(actor, User) or not is_bound(actor):
        return
    if actor.domain != domain or roles.role_of(actor) is not Role.POSTMASTER:
        raise Refused(_("Only the postmaster of %(domain)s may do this.") % {"domain": domain})


# --- accounts ---


def new_accounts(actor: Actor, domain: str, new: Sequence[NewAccount]) -> list[str]:
    """Warnings about adding these accounts to a real domain. Raises Refused."""
    superuser = actor is None or getattr(actor, "is_superuser", False)
    if not superuser and any(account.flags & FOR_SUPERUSERS for account in new):
        _check_flags(actor, FOR_SUPERUSERS)
    if is_bound(actor):
        _check_domain(actor, domain)
        _check_mask(actor, domain, "perm_account", CREATE)
        for account in new:
            _check_name(domain, account.name)
            if account.flags:
                _check_flags(actor, account.flags)
            if account.quota:
                _check_mask(actor, domain, "perm_quota", CREATE)
                _check_quota(domain, account.quota)
        bounds.check_accounts(domain, len(new))
        return []
    sentence = bounds.over_accounts(domain, len(new))
    return [sentence] if sentence else []


def _check_name(domain: str, name: str) -> None:
    """Whoever made an account of this name would stand above all others of the domain."""
    if name == roles.POSTMASTER:
        raise Refused(_("Only an administrator of the server may add this account."), field="name")


def change(actor: Actor, account: Account) -> None:
    """Raises Refused unless the person may change something of this account."""
    _check_system(actor, account)
    _check_above(actor, account)
    if isinstance(actor, User) and not roles.is_own(actor, account):
        _check_mask(actor, account.domain, "perm_account", MODIFY)


def _check_system(actor: Actor, account: Account) -> None:
    """Who could set its password could sign in as an administrator of the whole server."""
    if not isinstance(actor, User) or not roles.is_system(account) or roles.is_own(actor, account):
        return
    if roles.role_of(actor) not in (Role.SUPERUSER, Role.SYSTEM):
        raise Refused(
            _("%(address)s administers this server: only a superuser may change it.")
            % {"address": account.address}
        )


def _check_above(actor: Actor, account: Account) -> None:
    if not is_bound(actor):
        return
    if not isinstance(actor, User) or not _may_touch(actor, account):
        raise Refused(
            _("%(address)s stands above you: an administrator of the server may change it.")
            % {"address": account.address}
        )


def _may_touch(actor: User, account: Account) -> bool:
    if roles.is_own(actor, account):
        return True
    in_charge = roles.role_of(actor) is Role.POSTMASTER and actor.domain == account.domain
    return in_charge and roles.outranks(actor, account)


def delete(actor: Actor, account: Account) -> None:
    """Raises Refused where the person may not delete this account."""
    _check_system(actor, account)
    if not is_bound(actor):
        return
    _check_above(actor, account)
    if account.name == roles.POSTMASTER:
        raise Refused(_("A domain keeps its postmaster as long as it is there."))
    if isinstance(actor, User) and roles.is_own(actor, account):
        raise Refused(_("Nobody deletes the account with which they are signed in."))
    _check_mask(actor, account.domain, "perm_account", DELETE)


def password(actor: Actor, account: Account) -> None:
    """Raises Refused where the person may not set this account's password."""
    change(actor, account)
    if not is_bound(actor):
        return
    own = isinstance(actor, User) and roles.is_own(actor, account)
    locked = flags.effective(0 if not own else account.gid, _values_for(account))
    if locked & flags.NO_PASSWORD_CHANGE:
        raise Refused(
            _("New passwords are not allowed here. An administrator of the server can set one."),
            field="password",
        )


def _values_for(account: Account) -> dict[str, int]:
    """The domain's limits as they hold for an account: none for one that overrides them."""
    return {} if account.gid & flags.OVERRIDE_LIMITS else limits.read(account.domain).values


def change_flags(actor: Actor, account: Account, set_flags: int, clear_flags: int) -> None:
    """Raises Refused where the person may not set or clear these bits of the account."""
    changed = (set_flags & ~account.gid) | (clear_flags & account.gid)
    if not changed or not changed & fixed_flags(actor, account):
        return
    if isinstance(actor, User) and roles.is_own(actor, account):
        raise Refused(_("What your own account may do is decided by somebody above you."), field="flags")
    _check_flags(actor, changed)


def fixed_flags(actor: Actor, account: Account) -> int:
    """The bits of an account that this person may not change."""
    if actor is None or getattr(actor, "is_superuser", False):
        return 0
    if not is_bound(actor):
        return FOR_SUPERUSERS
    if isinstance(actor, User) and roles.is_own(actor, account):
        return flags.KNOWN
    return FOR_ADMINISTRATORS | (flags.DOMAIN_ADMIN if is_masked(actor) else 0)


def _check_flags(actor: Actor, changed: int) -> None:
    if not is_bound(actor):
        raise Refused(_("Only a superuser may change these flags."), field="flags")
    if changed & FOR_ADMINISTRATORS:
        names = ", ".join(str(flag.label) for flag in flags.flags_in(changed & FOR_ADMINISTRATORS))
        raise Refused(
            _("Only an administrator of the server may change this: %(names)s.") % {"names": names},
            field="flags",
        )
    if changed & flags.DOMAIN_ADMIN and is_masked(actor):
        raise Refused(_("Only the postmaster may say who else administers the domain."), field="flags")


def change_quota(actor: Actor, account: Account, text: str) -> None:
    """Raises Refused where the person may not give the account this quota (in vpopmail's form)."""
    if not is_bound(actor):
        return
    change(actor, account)
    _check_domain(actor, account.domain)
    _check_mask(actor, account.domain, "perm_quota", MODIFY if quota.is_limited(text) else DELETE)
    _check_quota(account.domain, text, account.shell or "")


def _check_quota(domain: str, text: str, present: str = "") -> None:
    """The default quota of the domain is the most that its postmaster gives; what an administrator gave
    above that may stay.
    """
    values = limits.read(domain).values
    for column, part in (("defaultquota", quota.bytes_of), ("defaultmaxmsgcount", quota.messages_of)):
        most, wanted, now = values[column], part(text), part(present)
        if most and (not wanted or wanted > most) and not (present and _no_more(wanted, now)):
            default = quota.describe(limits.read(domain).default_quota)
            raise Refused(
                _("In %(domain)s an account has at most %(quota)s.") % {"domain": domain, "quota": default},
                field="quota",
            )


def _no_more(wanted: int, now: int) -> bool:
    """Is it no more than there is? 0 is without a bound."""
    return not now or 0 < wanted <= now


def autoresponder(actor: Actor, domain: str, name: str, denied: int) -> list[str]:
    """Warnings about making, changing or deleting an autoresponder of a real domain. Raises Refused."""
    over = robots.over_autoresponders(domain) if denied == CREATE else ""
    if not is_bound(actor):
        return [over] if over else []
    _check_domain(actor, domain)
    _check_takes_no_mail_above(actor, domain, name)
    _check_mask(actor, domain, "perm_autoresponder", denied)
    if over:
        raise Refused(over, field="name")
    return []


def forwards_mask(actor: Actor, domain: str, before: bool, after: bool) -> None:
    """Raises Refused where the domain's mask denies its other administrators to make, change or end a
    forward: `before` and `after` say whether there is one."""
    if before or after:
        _check_mask(actor, domain, "perm_forward", CREATE if not before else MODIFY if after else DELETE)


# --- aliases ---


def alias_lines(
    actor: Actor, domain: str, alias: str, before: Sequence[str], after: Sequence[str]
) -> list[str]:
    """Warnings about an alias of a real domain whose lines become `after`. Raises Refused."""
    check_programs(actor, domain, alias, [line for line in after if line not in before])
    if is_bound(actor):
        _check_domain(actor, domain)
        _check_takes_no_mail_above(actor, domain, alias)
        _check_kept_programs(actor, domain, [line for line in before if line not in after])
        _check_alias_masks(actor, domain, before, after)
        bounds.check_aliases(domain, alias, after)
        return []
    sentence = bounds.over_aliases(domain, alias, after)
    return [sentence] if sentence else []


def check_programs(actor: Actor, domain: str, alias: str, lines: Sequence[str]) -> None:
    """Programs run on the mail server, and a path writes there: only for those who hold the right. The
    mailbox of the account that the alias stands beside is no such path.
    """
    wanted = [line for line in lines if _is_delivery(line) and line != _own_mailbox(domain, alias)]
    if wanted and actor is not None and not may(actor, ADD_PROGRAM, domain):
        raise Refused(
            _("Programs and paths may only be entered by those who may run commands on the mail server."),
            field="line",
        )


def _is_delivery(line: str) -> bool:
    return parse_line(line.strip()).kind in ("program", "maildir", "mbox")


def _own_mailbox(domain: str, alias: str) -> str:
    account = find_account(domain, alias)
    return mailbox_line(account) if account else ""


def mailbox_line(account: Account) -> str:
    """The line that delivers into an account's own mailbox; its address would lead back to the alias."""
    return f"{account.dir.rstrip('/')}/Maildir/"


def _check_kept_programs(actor: Actor, domain: str, lines: Sequence[str]) -> None:
    """Lines that a person may not enter it can't remove either: it could not put them back."""
    programs = [line for line in lines if parse_line(line.strip()).kind == "program"]
    if programs and actor is not None and not may(actor, ADD_PROGRAM, domain):
        raise Refused(_("A program that an administrator entered is removed by an administrator."))


def _check_takes_no_mail_above(actor: Actor, domain: str, alias: str) -> None:
    """An alias takes the mail of the account of its name."""
    account = find_account(domain, alias)
    if account is not None:
        _check_above(actor, account)
    elif alias == roles.POSTMASTER and is_masked(actor):
        raise Refused(_("In %(domain)s only the postmaster may do this.") % {"domain": domain})


def _check_alias_masks(actor: Actor, domain: str, before: Sequence[str], after: Sequence[str]) -> None:
    """What is done to the alias as a whole, by the mask of what it is: a forward or another alias."""
    denied = CREATE if not before else DELETE if not after else MODIFY
    for lines in (before, after):
        if lines:
            _check_mask(actor, domain, masks.column_of(lines), denied)
