"""Mail that tells people what happened to their second factor. Never fatal: what was done is done."""

import logging
import platform
import subprocess
from smtplib import SMTPException

from django.contrib.auth.models import AbstractUser
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import origin

logger = logging.getLogger(__name__)


def address_of(user: AbstractUser) -> str:
    """Where notices go: the mailbox itself, or the e-mail address of an administrator; "" for nowhere."""
    return user.get_username() if getattr(user, "domain", "") else user.email


def send(request: HttpRequest | None, user: AbstractUser, what: str) -> None:
    """`what` is a sentence: "A passkey was added for …". Without a request: on the command line."""
    to = address_of(user)
    if not to:
        logger.info("no notice to %s: no e-mail address is known", user.get_username())
        return
    lines = [
        what,
        "",
        _("When: %(moment)s") % {"moment": timezone.localtime().strftime("%Y-%m-%d %H:%M %Z")},
        _by(request),
        _("Panel of %(host)s") % {"host": platform.node()},
        "",
        _(
            "If you neither did this nor asked for it: change your password, end your sessions, and tell the "
            "administrator of this server."
        ),
    ]
    _deliver(to, _("Your sign-in to the mail panel was changed"), "\n".join(lines))


def _by(request: HttpRequest | None) -> str:
    if request is None:
        return _("By: the administrator of the server")
    where = origin.current.get().address
    return _("By: %(who)s, from %(address)s") % {"who": request.user.get_username(), "address": where}


def _deliver(to: str, subject: str, text: str) -> None:
    try:
        EmailMessage(subject, text, to=[to]).send()
    except (OSError, SMTPException, subprocess.SubprocessError, ValueError) as error:
        logger.warning("the notice to %s could not be sent: %s", to, error)
