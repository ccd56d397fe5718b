"""What a page says after a change: done, with what to know about it; or why not, beside the field it belongs to."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.safestring import SafeString

from vpopmail.engines.base import Outcome, Unavailable, VpopmailError


def status_of(error: VpopmailError) -> int:
    """The HTTP status of a page that tells the error: 503 when something cannot be reached, else an ordinary page."""
    return 503 if isinstance(error, Unavailable) else 200


def refuse(form: forms.Form, error: VpopmailError) -> int:
    """Put an engine's refusal beside the field it belongs to, or on top of the form; returns the page's HTTP status."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
    return status_of(error)


def tell(request: HttpRequest, text: str | SafeString, outcome: Outcome | None = None) -> None:
    """Say on the next page what was done, and each warning of the engine."""
    messages.success(request, text)
    for warning in outcome.warnings if outcome else ():
        messages.warning(request, warning)
