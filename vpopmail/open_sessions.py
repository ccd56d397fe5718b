"""How long somebody whose account is gone may still be signed in with Dovecot."""

from django.utils.translation import gettext as _

from vpopmail import helper
from vpopmail.engines.base import VpopmailError


def note() -> str:
    """A sentence for people where nothing tells Dovecot of a deletion; "" where it is told at once."""
    try:
        answer = helper.call("ping")
    except VpopmailError:
        return ""
    if answer.get("dovecot", True):
        return ""
    return _(
        "Dovecot is not told of it here: a session that is open goes on until it is closed, and the password"
        " may be accepted for as long as Dovecot remembers it, an hour unless auth_cache_ttl says otherwise."
    )
