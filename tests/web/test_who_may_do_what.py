"""Every address of the panel, by GET and POST, asked by eight people: the answers are those of one table."""

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from tests.store import Store
from tests.web.who_may_cast import Cast, make_cast, patterns
from vqweb.who_may import DJANGO_ADMIN, MARKS, PEOPLE, TABLE

ROUTES = sorted(patterns(get_resolver()), key=lambda pattern: pattern.name == "sign-out")  # the last thing
LINES = {line.name: line for line in TABLE}


@pytest.fixture
def cast(store: Store, admin: Any) -> Cast:
    return make_cast()


def test_the_table_has_a_line_for_each_address_and_no_other() -> None:
    names = [str(pattern.name) for pattern in ROUTES]
    assert sorted(names) == sorted(LINES), "each name of the URLconf needs one line in vqweb/who_may.py"
    assert len(TABLE) == len(LINES)
    for line in TABLE:
        assert len(line.get) == len(line.post) == len(PEOPLE), line.name
        assert set(line.get + line.post) <= set(MARKS), line.name
        assert line.get[0] == line.get[-1] or line.name == "sign-in", "ended is like nobody"


@pytest.mark.stores("sqlite")
@pytest.mark.timeout(900)
def test_every_answer_is_the_one_of_the_table(store: Store, cast: Cast) -> None:
    asked = ((pattern, method) for method in ("GET", "POST") for pattern in ROUTES)
    wrong = [found for pattern, method in asked if (found := _differs(cast, pattern, method))]
    assert not wrong, "\n".join(["these answers are not those of vqweb/who_may.py:", *wrong])


def _differs(cast: Cast, pattern: URLPattern, method: str) -> str:
    line, url = LINES[str(pattern.name)], cast.url(pattern)
    seen = "".join(cast.ask(person, method, url) for person in PEOPLE)
    expected = line.get if method == "GET" else line.post
    return "" if seen == expected else f"{line.name} {method}: seen {seen}, in the table {expected}"


@pytest.mark.stores("sqlite")
def test_the_django_admin_is_the_superuser_s_alone(store: Store, cast: Cast) -> None:
    parts = {"object_id": "1", "app_label": "vpopmail", "content_type_id": 1, "url": "nowhere/"}
    wrong = []
    for pattern in patterns(get_resolver(), admin=True):
        if pattern.name in ("login", "logout", "password_change", None):  # the panel's own, or catch-all
            continue
        names = ["app_label"] if pattern.name == "app_list" else pattern.pattern.converters
        kwargs = {name: parts.get(name, "1") for name in names}
        url = reverse(f"admin:{pattern.name}", kwargs=kwargs)
        for person, expected in zip(PEOPLE, DJANGO_ADMIN, strict=True):
            if person != "superuser" and (seen := cast.ask(person, "GET", url)) != expected:
                wrong.append(f"{pattern.name} {person}: {seen}")
    assert not wrong, wrong
    assert cast.ask("superuser", "GET", "/admin/") == "+"


@pytest.mark.stores("sqlite")
def test_the_page_shows_the_table(store: Store, signed_in: Client) -> None:
    page = signed_in.get("/server/who-may-do-what/").content.decode()
    for line in TABLE:
        assert f"<code>{line.name}</code>" in page
    assert "Postmaster of another domain" in page
