"""Opening a page, and saving any form as it was opened, changes nothing: no row, no file, no time of a file,
no entry of the journal. Every form of the panel, as each person sees it; those that do something by being
sent are named here.
"""

from typing import Any

import pytest
from django.test import Client

from tests.forms.browser import Form, forms_of, send
from tests.forms.stage import Stage, differences
from tests.routes import ROUTES
from tests.store import Store

# Routes whose form is a deed, not values to be saved: sending it as it stands does it.
DEEDS = {
    *("change-password", "own-password", "administrator-password"),  # an empty one means: make one
    *(
        "delete-account",
        "delete-alias",
        "delete-alias-domain",
        "delete-autoresponder",
        "delete-ip",
        "empty-trash",
        "remove-alias-line",
    ),
    *("disable-account", "disable-domain", "enable-account", "enable-domain", "take-domain"),
    *("end-vacation", "end-own-vacation", "convert-aliases", "restore", "revert-entry", "empty-trash"),
    *("reset-second-factor", "recovery-codes", "end-sessions", "sign-out", "look-as", "stop-looking"),
    *("doctor-examine", "recover"),
}


@pytest.fixture
def stage(store: Store, admin: Any) -> Stage:
    return Stage(store, admin)


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_every_form(stage: Stage) -> None:
    walk = Walk(stage)
    people = stage.people if stage.store.kind == "sqlite" else {"superuser": stage.people["superuser"]}
    for person, browser in people.items():
        walk.as_person(person, browser)
    assert not walk.wrong, "\n".join(walk.wrong)
    assert walk.sent >= {
        "change-account",
        "change-quota",
        "change-flags",
        "change-forwarding",
        "change-ip",
        "delivery",
    }
    if stage.store.kind == "sqlite":
        assert walk.sent >= {"own-name", "own-forwarding", "own-vacation"}


class Walk:
    """Through all pages, as one person after the other."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.before = stage, stage.everything()
        self.sent, self.wrong = set[str](), list[str]()

    def as_person(self, person: str, browser: Client) -> None:
        seen = set(DEEDS)
        for address in self.stage.addresses():
            for form in forms_of(browser, address):
                if form.route not in DEEDS and _key(form) not in seen:
                    seen.add(_key(form))
                    answer = send(browser, form)
                    assert answer.status_code < 500, f"{person} {form.action}: {answer.status_code}"
                    self.look(f"{person} sends {form.route} on {address}: {form.fields}")
                    self.sent.add(form.route)
        self.look(f"{person} opened all pages")

    def look(self, what: str) -> None:
        now = self.stage.everything()
        if found := differences(self.before, now):
            self.wrong += [f"{what}:", *found]
            self.before = now


def _key(form: Form) -> str:
    fields = {name: values for name, values in form.fields.items() if name != "csrfmiddlewaretoken"}
    return f"{form.action} {sorted(fields.items())}"


def test_the_deeds_are_routes() -> None:
    assert {route.name for route in ROUTES} >= DEEDS
