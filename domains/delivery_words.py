"""What the page says of the check of recipients that this server has, and of what follows for one domain."""

from django.utils.translation import gettext as _

from vpopmail.delivery import RecipientCheck


def check_words(check: RecipientCheck) -> str:
    """Which check there is."""
    if check.kind == "chkuser":
        return _chkuser(check.mode)
    return {
        "vrcptcheck": _("vrcptcheck refuses mail for unknown addresses while it is being handed over."),
        "validrcptto": _(
            "Only addresses in qmail’s list validrcptto are accepted. Another program keeps that "
            "list; what it does not name gets no mail."
        ),
        "none": _(
            "No check of recipients was found: mail for any name is accepted, and only then looked at."
        ),
    }.get(
        check.kind,
        _(
            "Which check of recipients there is could not be found out: qmail-smtpd is not where "
            "this panel looks."
        ),
    )


def _chkuser(mode: str) -> str:
    return {
        "always": _(
            "chkuser refuses mail for unknown addresses of every domain while it is being handed over."
        ),
        "domain": _(
            "chkuser refuses mail for unknown addresses while it is being handed over, in "
            "domains that bounce it."
        ),
        "off": _("chkuser is built into qmail-smtpd, but its services do not switch it on (CHKUSER_START)."),
    }.get(
        mode,
        _("chkuser is built into qmail-smtpd. Whether it is switched on (CHKUSER_START) could not be read."),
    )


def advice(check: RecipientCheck, kind: str) -> str:
    """What follows for a domain that delivers like this; "" when there is nothing to say."""
    refuses = check.refuses_for(kind)
    if kind in ("address", "domain", "directory") and refuses:
        return _(
            "Mail for unknown addresses is refused before it is accepted, so that nothing of it "
            "arrives there."
        )
    if refuses:
        return ""
    if kind == "bounce":
        return _(
            "Without a check, bouncing answers senders that spammers have forged: such answers "
            "annoy strangers and can "
            "bring this server onto block lists."
        )
    if kind == "delete":
        return _(
            "Without a check, what somebody sends to a mistyped address is lost, and neither side "
            "is ever told."
        )
    return ""
