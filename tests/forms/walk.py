"""Through all pages of a stage, as one person after the other: each form is sent as it stands, and nothing
may change by it."""

from collections.abc import Container

from django.test import Client

from tests.forms.browser import Form, forms_of, send
from tests.forms.stage import Stage, differences


class Walk:
    """`deeds` are the routes whose forms are not sent; `sent` those that were, `wrong` what changed all the
    same, or failed."""

    def __init__(self, stage: Stage, deeds: Container[str]) -> None:
        self.stage, self.deeds, self.before = stage, deeds, stage.everything()
        self.sent, self.wrong = set[str](), list[str]()
        self.pages: list[str] = []  # their texts, those of answers to forms as well
        self.statuses: list[tuple[str, int]] = []

    def as_person(self, person: str, browser: Client, addresses: list[str]) -> None:
        seen = set[str]()
        for address in addresses:
            for form in forms_of(browser, address, self._look):
                if form.route not in self.deeds and _key(form) not in seen:
                    seen.add(_key(form))
                    answer = send(browser, form)
                    self._look(f"{person} sends {form.action}", answer.status_code, answer.content.decode())
                    self.look(f"{person} sends {form.route} on {address}: {form.fields}")
                    self.sent.add(form.route)
        self.look(f"{person} opened all pages")

    def _look(self, what: str, status: int, text: str) -> None:
        self.pages.append(text)
        self.statuses.append((what, status))
        if status >= 500 and status != 503:
            self.wrong.append(f"{what}: {status}")

    def look(self, what: str) -> None:
        now = self.stage.everything()
        if found := differences(self.before, now):
            self.wrong += [f"{what}:", *found]
            self.before = now


def _key(form: Form) -> str:
    fields = {name: values for name, values in form.fields.items() if name != "csrfmiddlewaretoken"}
    return f"{form.action} {sorted(fields.items())}"
