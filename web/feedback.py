"""What a page says after a change: that it was done, or why not, beside the field it belongs to."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from vpopmail import open_sessions
from vpopmail.engines.base import Outcome, Refused, Unavailable, VpopmailError


def status_of(error: VpopmailError) -> int:
    """The HTTP status of a page that tells the error: 503 when something cannot be reached, else 200."""
    return 503 if isinstance(error, Unavailable) else 200


def refuse(form: forms.Form, error: VpopmailError, usual: str | None = None) -> int:
    """Put an engine's error beside its field, or on top of the form; returns the status of the page.

    `usual` is the field that a refusal without one is about: a name that the mail host does not take.
    """
    if error.field in form.fields:
        usual = error.field
    elif not isinstance(error, Refused):
        usual = None
    form.add_error(usual, error.message)
    return status_of(error)


def tell(request: HttpRequest, text: str | SafeString, outcome: Outcome | None = None) -> None:
    """Say on the next page what was done, and each warning of the engine."""
    messages.success(request, text)
    for warning in outcome.warnings if outcome else ():
        messages.warning(request, warning)


def tell_unchanged(request: HttpRequest) -> None:
    """Say on the next page that the form asked for nothing that was not so already."""
    messages.info(request, _("Nothing was changed: everything is as it was."))


def tell_deleted(request: HttpRequest, text: str | SafeString, outcome: Outcome) -> None:
    """The same after a deletion, and how long whose account is gone may stay signed in elsewhere."""
    tell(request, text, outcome)
    if note := open_sessions.note():
        messages.info(request, note)
