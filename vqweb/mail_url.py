"""How the panel's own mail is sent: MAIL_URL in Django's terms."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SECONDS = 10  # a mail server that does not answer holds nobody up for longer
_SECURITY = {"smtp": "", "smtp+starttls": "EMAIL_USE_TLS", "smtps": "EMAIL_USE_SSL"}
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}

_LOCAL = {"": "web.sendmail.SendmailBackend", "off": "django.core.mail.backends.dummy.EmailBackend"}


def settings_of(url: str) -> dict[str, Any]:
    """Nothing: qmail's own sendmail. `off`: no mail. `smtp[s]://[user:password@]host[:port]`: a server."""
    if url in _LOCAL:
        return {"EMAIL_BACKEND": _LOCAL[url], "EMAIL_TIMEOUT": SECONDS}
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _SECURITY or not parts.hostname:
        raise ImproperlyConfigured(
            "MAIL_URL: off, smtp://host, smtps://user:password@host:port or smtp+starttls://… expected"
        )
    found: dict[str, Any] = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or _PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_TIMEOUT": SECONDS,
    }
    if flag := _SECURITY[parts.scheme]:
        found[flag] = True
    return found
