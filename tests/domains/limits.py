"""What tests of the pages of limits do: read a form as a browser would, and send it back."""

from typing import Any

from django.test import Client

from tests.forms.browser import Form, forms_of


def form_at(client: Client, url: str) -> Form:
    """The form of the limits on that page."""
    [form] = [form for form in forms_of(client, url) if "seen" in form.fields]
    return form


def save(client: Client, url: str, **changed: Any) -> Any:
    """Open the page, change these fields, and send it."""
    return send(client, form_at(client, url), **changed)


def send(client: Client, form: Form, **changed: Any) -> Any:
    lists = {name: value if isinstance(value, list) else [value] for name, value in changed.items()}
    return client.post(form.action, {**form.fields, **lists})
