"""The administrator's first page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import checks
from django.test import Client

from aliasdomains import services as alias_domains
from tests.store import Store


def test_figures_and_latest_activity(example: Store, admin: Any, signed_in: Client) -> None:
    alias_domains.add_alias_domain(actor=admin, real="example.com", alias="example.net")
    page = signed_in.get("/")
    assert page.context["domains"] == 1
    assert page.context["alias_domains"] == 1
    assert page.context["entries"][0].action == "vaddaliasdomain"
    text = page.content.decode()
    assert "Everything works" in text or "notice-warning" in text
    assert 'href="/domains/"' in text and 'aria-current="page"' in text


@pytest.mark.stores("sqlite")
def test_ten_entries_at_most(example: Store, signed_in: Client) -> None:
    from django.utils import timezone

    from audit.models import Entry

    Entry.objects.bulk_create(
        Entry(
            key=f"k{n}", started_at=timezone.now(), actor_name="x", via="page", action="vpasswd", target="t"
        )
        for n in range(30)
    )
    assert len(signed_in.get("/").context["entries"]) == 10


@pytest.mark.stores("sqlite")
def test_health_in_one_sentence(example: Store, signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        checks.Warning("An index is missing.", hint="ALTER TABLE …"),
        checks.Error("The layout is wrong."),
    ]
    monkeypatch.setattr(checks, "run_checks", lambda **options: list(found))
    text = signed_in.get("/").content.decode()
    assert text.index("The layout is wrong.") < text.index("An index is missing.")
    assert "notice-error" in text
    monkeypatch.setattr(checks, "run_checks", lambda **options: [])
    assert "Everything works" in signed_in.get("/").content.decode()


@pytest.mark.stores("sqlite")
def test_no_journal_without_the_right_to_it(example: Store, allow: Callable[..., Client]) -> None:
    page = allow("view_domain").get("/")
    assert page.status_code == 200
    assert "Latest activity" not in page.content.decode()
    assert 'href="/activity/"' not in page.content.decode()


def test_few_queries(example: Store, signed_in: Client) -> None:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    signed_in.get("/")
    with (
        CaptureQueriesContext(connections["default"]) as own,
        CaptureQueriesContext(connections["vpopmail"]) as mail,
    ):
        signed_in.get("/")
    asked = [q["sql"] for q in (*own, *mail) if not q["sql"].startswith(("PRAGMA", "SET "))]
    assert len(asked) <= 8, asked
