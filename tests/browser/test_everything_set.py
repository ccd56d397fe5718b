"""The pages of a domain and an account that have everything set, looked at by everybody they are for."""

from typing import Any

import pytest

from tests.browser.person import Person
from tests.forms.stage import FULL, PASSWORD, Stage
from tests.store import Store

DOMAIN = f"/domains/{FULL}/"
ANNA = f"{DOMAIN}accounts/anna/"
OF_THE_SERVER = {
    "default-limits": "/server/limits/",
    "sign-ins": "/server/sign-ins/",
    "relay": "/server/relay/",
    "ip-map": "/server/ip-map/",
    "delete-limits": f"{DOMAIN}limits/defaults/",
    "disable-domain": f"{DOMAIN}disable/",
    "accounts-by-filter": "/accounts/?filter=over-80",
}
OF_THE_DOMAIN = {
    "full-domain": DOMAIN,
    "limits": f"{DOMAIN}limits/",
    "delivery": f"{DOMAIN}delivery/",
    "full-aliases": f"{DOMAIN}aliases/",
    "aliases-to": f"/aliases/to/?address=anna@{FULL}",
    "convert-aliases": f"{DOMAIN}convert-aliases/",
    "autoresponders": f"{DOMAIN}autoresponders/",
    "autoresponder": f"{DOMAIN}autoresponders/answers/",
    "mailing-lists": f"{DOMAIN}lists/",
    "domain-sign-ins": f"{DOMAIN}sign-ins/",
    "full-account": ANNA,
    "full-flags": f"{ANNA}flags/",
    "forwarding": f"{ANNA}forwarding/",
    "vacation": f"{ANNA}vacation/",
    "disable-account": f"{ANNA}disable/",
}
ONES_OWN = {
    "own": "/me/",
    "own-forwarding": "/me/forwarding/",
    "own-vacation": "/me/vacation/",
    "own-sign-ins": "/me/sign-ins/",
}


@pytest.fixture(autouse=True)
def stage(store: Store, admin: Any) -> Stage:
    return Stage(store, admin)


@pytest.mark.parametrize(
    ("who", "pages"),
    [
        ("admin", OF_THE_SERVER | OF_THE_DOMAIN),
        (
            f"postmaster@{FULL}",
            {name: OF_THE_DOMAIN[name] for name in ("limits", "full-account", "vacation")},
        ),
        (f"anna@{FULL}", ONES_OWN),
    ],
    ids=["superuser", "postmaster", "owner"],
)
@pytest.mark.stores("sqlite")
@pytest.mark.timeout(600)
def test_pages_with_everything_set(person: Person, who: str, pages: dict[str, str]) -> None:
    person.sign_in(who, "admin-pass" if who == "admin" else PASSWORD)
    for name, path in pages.items():
        person.go(path)
        assert person.page.url.endswith(path), name
        person.look(f"{who.partition('@')[0]}-{name}")
