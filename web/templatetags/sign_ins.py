"""How pages show attempts to sign in."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from vpopmail import assigned, sign_ins
from vpopmail.sign_ins import Attempt
from web.sign_ins import state_of
from web.templatetags.panel import states

register = template.Library()
_SERVICES = {
    "pop3": "POP",
    "pop3s": "POP (TLS)",
    "imap": "IMAP",
    "imaps": "IMAP (TLS)",
    "smtp": "SMTP",
    "smtps": "SMTP (TLS)",
    "submission": "SMTP (submission)",
}


@register.filter
def service(attempt: Attempt) -> str:
    """The service in words; "–" where the log does not say."""
    if attempt.service == "webmail":
        return _("Webmail")
    return _SERVICES.get(attempt.service, attempt.service or "–")


@register.simple_tag
def how_it_ended(attempt: Attempt) -> SafeString:
    """The result as a word with a colour and a shape."""
    return states([state_of(attempt)])


@register.filter
def is_here(attempt: Attempt) -> bool:
    """Whether the account's domain is one of this server's."""
    return bool(attempt.who) and attempt.domain in assigned.domains()


@register.simple_tag
def records_attempts() -> bool:
    """Does vpopmail keep a log of attempts?"""
    return sign_ins.recorded()
