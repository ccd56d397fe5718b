"""What pages and commands do to the default delivery of a domain: each change is one entry of the journal."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _

from audit.change import command_line, perform
from audit.log import Actor
from mailhost import delivery as grammar
from mailhost.dotqmail import BadLine
from vpopmail import delivery, rules
from vpopmail.assigned import AssignedDomain
from vpopmail.delivery_rules import check_target
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, Outcome, Refused
from web.access import may

CHANGE_DELIVERY = "vpopmail.change_delivery"
REPLACE = "vpopmail.change_domain"  # what an administrator wrote there only an administrator replaces


def change_delivery(
    *,
    actor: Actor,
    domain: str,
    unknown: str,
    replace: bool = False,
    expected: str | None = None,
    test: bool = False,
) -> Outcome:
    """Say what happens to mail for unknown addresses: `bounce`, `delete`, an address, or `@domain` for the
    same name in another domain. Other lines of the file stay.

    `replace`: a file without a line of vpopmail's is given one in place of what stands there. `expected` is
    `DomainDelivery.seen` of what the person looked at. Nothing is written where the file says the same
    already. Raises VpopmailError."""
    real = rules.real_domain(domain)
    _check_right(actor, CHANGE_DELIVERY, real)
    now = _present(real.name, expected)
    if unknown == now.unknown:
        return Outcome()
    _check_replacing(actor, real, now, replace)
    check_target(real, unknown)
    try:
        lines = grammar.composed(now.lines if now.fingerprint else None, unknown, str(settings.VPOPMAIL_HOME))
    except BadLine as error:
        raise Refused(_(str(error)), field="unknown") from error
    outcome = Outcome() if test else _write(actor, now, lines, _command(real.name, unknown, replace))
    return outcome + Outcome(tuple(_warnings(unknown)))


def write_delivery(*, actor: Actor, domain: str, lines: Sequence[str], test: bool = False) -> Outcome:
    """Write the whole file: for the command line, and for what only a mail host that allows programs takes.
    Raises VpopmailError."""
    real = rules.real_domain(domain)
    _check_right(actor, REPLACE, real)
    now = _present(real.name, None)
    if test or (list(now.lines) == list(lines) and now.fingerprint):
        return Outcome()
    return _write(actor, now, lines, _command(real.name, "\n".join(lines), True))


def _command(domain: str, text: str, replace: bool) -> str:
    return command_line("vmakedotqmail", [("-d", domain), ("-q", text), *(["--replace"] if replace else [])])


def _check_right(actor: Actor, permission: str, domain: AssignedDomain) -> None:
    if actor is not None and not may(actor, permission, domain):
        raise Refused(_("You may not change how mail for this domain is delivered."))


def _present(domain: str, expected: str | None) -> delivery.DomainDelivery:
    now = delivery.read(domain)
    if not now.readable:
        raise Refused(
            _("The file .qmail-default of this domain is no plain file of its own, and is left alone.")
        )
    if expected is not None and expected != now.seen:
        raise Changed(
            _("The delivery of this domain was changed by somebody else meanwhile. Nothing was overwritten.")
        )
    return now


def _check_replacing(
    actor: Actor, domain: AssignedDomain, now: delivery.DomainDelivery, replace: bool
) -> None:
    if now.is_own or not now.lines:
        return
    if not replace:
        raise Refused(
            _("Another program delivers this domain’s mail. Say that its line is to be replaced."),
            field="replace",
        )
    if actor is not None and not may(actor, REPLACE, domain):
        raise Refused(_("What an administrator of the server wrote there only an administrator replaces."))


def _write(actor: Actor, now: delivery.DomainDelivery, lines: Sequence[str], command: str) -> Outcome:
    return perform(
        actor,
        "vmakedotqmail",
        now.domain,
        lambda entry: get_engine().vmakedotqmail(now.domain, lines, expected=now.fingerprint, entry=entry),
        domain=now.domain,
        changes={"delivery": [list(now.lines) if now.fingerprint else None, list(lines)]},
        command=command,
    )


def _warnings(unknown: str) -> list[str]:
    """What the recipient check of this server makes of it."""
    check = delivery.recipient_check()
    if "@" in unknown and check.refuses_for("address"):
        return [
            _(
                "This server refuses mail for unknown addresses before it is accepted, so that "
                "nothing arrives there."
            )
        ]
    return []
