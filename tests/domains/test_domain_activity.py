from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Entry
from domains import services
from tests.store import Store

URL = "/domains/example.com/activity/"
pytestmark = pytest.mark.stores("sqlite")


def test_entries_of_this_domain_only(example: Store, signed_in: Client, admin: Any) -> None:
    services.add_domain(actor=admin, domain="other.org", password="Correct-Horse-7")
    page = signed_in.get(URL)
    assert [entry.target for entry in page.context["page"].rows] == ["example.com"]
    assert "vadddomain" in page.content.decode()


def test_pages(example: Store, signed_in: Client) -> None:
    Entry.objects.bulk_create(
        Entry(
            key=f"k{n}",
            started_at=timezone.now(),
            actor_name="x",
            via="page",
            action="vpasswd",
            target=f"u{n}@example.com",
            domain="example.com",
            state="ok",
        )
        for n in range(60)
    )
    first = signed_in.get(URL).context["page"]
    assert first.rows[0].target == "u59@example.com"
    second = signed_in.get(URL, {"after": first.next_after}).context["page"]
    assert len(first.rows) + len(second.rows) == 61
    assert second.rows[-1].action == "vadddomain"
    assert signed_in.get(URL, {"after": "x"}).status_code == 200
    assert signed_in.get(URL, {"after": "9" * 40}).status_code == 200


def test_empty(example: Store, signed_in: Client) -> None:
    Entry.objects.all().delete()
    assert "Nothing has been changed here yet" in signed_in.get(URL).content.decode()


def test_not_signed_in_and_without_the_right(
    example: Store, client: Client, person: Client, allow: Any
) -> None:
    assert client.get(URL)["Location"].startswith("/sign-in/")
    assert person.get(URL).status_code in (403, 404)
    assert allow("view_domain").get(URL).status_code == 403
    assert allow("view_domain", "view_entry").get(URL).status_code == 200
