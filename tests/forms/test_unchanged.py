"""Opening a page, and saving any form as it was opened, changes nothing: no row, no file, no time of a file,
no entry of the journal. Every form of the panel, as each person sees it; those that do something by being
sent are named here.
"""

from typing import Any

import pytest

from tests.forms.stage import Stage
from tests.forms.walk import Walk
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
        "delete-limits",
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
    walk = Walk(stage, DEEDS)
    people = stage.people if stage.store.kind == "sqlite" else {"superuser": stage.people["superuser"]}
    for person, browser in people.items():
        walk.as_person(person, browser, stage.addresses())
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


def test_the_deeds_are_routes() -> None:
    assert {route.name for route in ROUTES} >= DEEDS
