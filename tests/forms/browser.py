"""What a browser would send: the forms of a page with what stands in them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

_UNSENT = ("submit", "button", "reset", "image", "file")


@dataclass
class Form:
    """A form that posts. `buttons` are the named ones among those that send it."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    id: str = ""

    @property
    def route(self) -> str:
        """The name of the URL that it is sent to."""
        try:
            return resolve(urlsplit(self.action).path).url_name or ""
        except Resolver404:
            return ""

    def put(self, name: str | None, value: str | None) -> None:
        if name:
            self.fields.setdefault(name, []).append(value or "")


class Forms(HTMLParser):
    """The posting forms of a page, in order."""

    def __init__(self, text: str, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address, self.found = address, list[Form]()
        self.form: Form | None = None
        self.elsewhere: list[tuple[str, str | None, str | None]] = []  # fields that name their form
        self.select: dict[str, Any] | None = None
        self.area: tuple[Form | None, str | None] | None = None
        self.text = ""
        self.feed(text)
        for owner, name, value in self.elsewhere:
            for form in self.found:
                if form.id == owner:
                    form.put(name, value)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "form":
            self.form = Form(
                urljoin(self.address, named.get("action") or self.address), id=named.get("id") or ""
            )
            if (named.get("method") or "").lower() == "post":
                self.found.append(self.form)
        elif "disabled" in named:
            return
        elif tag == "input":
            self._input(named)
        elif tag == "button" and self.form and named.get("type", "submit") == "submit" and named.get("name"):
            self.form.buttons.append((str(named["name"]), named.get("value") or ""))
        elif tag == "select":
            self.select = {"named": named, "values": [], "first": None, "multiple": "multiple" in named}
        elif tag == "option" and self.select is not None:
            if self.select["first"] is None:
                self.select["first"] = named.get("value")
            if "selected" in named:
                self.select["values"].append(named.get("value"))
        elif tag == "textarea":
            self.area, self.text = (self.form, named.get("name")), ""

    def _input(self, named: dict[str, str | None]) -> None:
        kind = (named.get("type") or "text").lower()
        if kind in _UNSENT or (kind in ("checkbox", "radio") and "checked" not in named):
            return
        value = named.get("value")
        self._put(named, "on" if value is None and kind == "checkbox" else value)

    def _put(self, named: dict[str, str | None], value: str | None) -> None:
        if owner := named.get("form"):
            self.elsewhere.append((owner, named.get("name"), value))
        elif self.form:
            self.form.put(named.get("name"), value)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select" and self.select is not None:
            values = self.select["values"] or ([] if self.select["multiple"] else [self.select["first"]])
            for value in values:
                self._put(self.select["named"], value)
            self.select = None
        elif tag == "textarea" and self.area:
            form, name = self.area
            if form:
                text = self.text.removeprefix("\n")  # as browsers read it
                form.put(name, text.replace("\r\n", "\n").replace("\n", "\r\n"))
            self.area = None


def forms_of(
    client: Client, address: str, look: Callable[[str, int, str], object] = lambda *seen: None
) -> list[Form]:
    """The forms of the page at that address; none where it is no page for this person. `look` is given the
    address, the status and the text."""
    answer = client.get(address)
    if answer.streaming or "html" not in answer.headers.get("Content-Type", ""):
        return []
    text = answer.content.decode()
    look(address, answer.status_code, text)
    return Forms(text, address).found if answer.status_code == 200 else []


def send(client: Client, form: Form, **changed: str) -> Any:
    """Send it as it stands, apart from `changed`."""
    data = {**form.fields, **{name: [value] for name, value in changed.items()}}
    return client.post(form.action, data)
