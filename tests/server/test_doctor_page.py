"""/server/doctor/: the report, examining, repairing."""

import pytest
from django.test import Client

from audit.models import Entry
from domains import services as domains
from server import doctor_report
from tests.store import Store

pytestmark = pytest.mark.stores("sqlite")


@pytest.fixture
def server(store: Store) -> Store:
    domains.add_domain(actor=None, domain="example.com", password="Secret.Pass1")
    control = store.qmail / "control"
    (control / "virtualdomains").write_text("")
    (control / "rcpthosts").write_text(store.control("rcpthosts") + "gone.example\n")
    return store


def test_nothing_was_examined_yet(store: Store, signed_in: Client) -> None:
    assert "Not examined yet" in signed_in.get("/server/doctor/").content.decode()


def test_examine_then_repair_one_then_the_safe_ones(server: Store, signed_in: Client) -> None:
    page = signed_in.post("/server/doctor/examine/", follow=True).content.decode()
    assert "example.com is not in virtualdomains" in page and "gone.example" in page
    page = signed_in.post("/server/doctor/repair/", {"id": "rcpt-extra:gone.example"}, follow=True)
    assert "gone.example" not in server.control("rcpthosts")
    assert "Repaired:" in page.content.decode() and "Repair rcpt-extra" not in page.content.decode()
    signed_in.post("/server/doctor/repair/")
    assert "example.com:example.com" in server.control("virtualdomains")
    report = doctor_report.last()
    assert report is not None and report.total == 0
    assert Entry.objects.filter(action="doctor", actor_name="admin", state="ok").count() == 2
    assert "Tables, files and qmail agree" in signed_in.get("/server/doctor/").content.decode()


def test_what_is_mended_already_is_said(server: Store, signed_in: Client) -> None:
    page = signed_in.post("/server/doctor/repair/", {"id": "local-too:example.com"}, follow=True)
    assert "does not stand any more" in page.content.decode()


def test_looking_changes_nothing_and_needs_the_right(server: Store, client: Client) -> None:
    from accounts.models import User

    client.force_login(User.objects.create_user("clerk", password="clerk-pass"))
    for path in ("examine/", "repair/"):
        assert client.post(f"/server/doctor/{path}").status_code == 403
    assert client.get("/server/doctor/").status_code == 403
