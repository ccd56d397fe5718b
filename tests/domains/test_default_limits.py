"""The limits for all domains: an editor of vlimits.default that keeps what people wrote."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from audit.models import Entry
from tests.domains.limits import form_at, save, send
from tests.mailhost.test_limits_edit import SHIPPED
from tests.pages import state_of
from tests.store import Store
from vpopmail import limits

pytestmark = pytest.mark.stores("sqlite")
URL = "/server/limits/"


@pytest.fixture
def file(store: Store) -> Path:
    path = store.home / "etc" / "vlimits.default"
    path.write_text(SHIPPED)
    return path


@pytest.mark.stores("sqlite", "many")
def test_comments_and_order_stay(file: Path, signed_in: Client) -> None:
    sent = {"maxpopaccounts": "number", "maxpopaccounts_number": "50", "maxaliases": "none"}
    sent |= {"defaultquota": "number", "defaultquota_number": "2 GB", "disable_imap": "on"}
    assert save(signed_in, URL, **sent, deny_p=["c", "d"]).status_code == 302
    assert file.read_text() == (
        SHIPPED.replace("maxpopaccounts\t\t-1", "maxpopaccounts\t\t50")
        .replace("10485760\n", f"10485760\ndefault_quota: {2 * 2**30}\n")
        .replace("#disable_imap\n", "#disable_imap\ndisable_imap\n")
        .replace("perm_account\t\t0", "perm_account\t\t5")
        + "maxaliases: 0\n"
    )
    entry = Entry.objects.latest("id")
    assert (entry.target, entry.changes["maxaliases"]) == ("vlimits.default", [None, 0])
    assert limits.default()["maxpopaccounts"] == 50


def test_not_said_takes_the_line_away(file: Path, signed_in: Client) -> None:
    assert form_at(signed_in, URL).fields["maxaliases"] == ["default"]
    assert form_at(signed_in, URL).fields["maxforwards"] == ["unlimited"]
    save(signed_in, URL, maxforwards="default")
    assert file.read_text() == SHIPPED.replace("maxforwards\t\t-1\n", "")


def test_saved_unchanged_nothing_is_written(file: Path, signed_in: Client, store: Store) -> None:
    for text in (SHIPPED, "disable_pop\nmaxaliases -7\nperm_maillist 85\nquota 100\n", "", b"# caf\xe9\n"):
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        before, status = state_of(store), file.stat()
        assert save(signed_in, URL).status_code == 302
        assert (file.stat().st_mtime_ns, file.stat().st_ino) == (status.st_mtime_ns, status.st_ino)
        assert state_of(store) == before
    file.unlink()
    assert save(signed_in, URL).status_code == 302
    assert not file.exists()


def test_a_missing_file_is_said_and_made(store: Store, signed_in: Client) -> None:
    assert "The file is missing" in signed_in.get(URL).content.decode()
    save(signed_in, URL, maxpopaccounts="number", maxpopaccounts_number="5")
    assert (store.home / "etc" / "vlimits.default").read_text() == "maxpopaccounts: 5\n"


def test_the_second_of_two_is_told(file: Path, signed_in: Client) -> None:
    form = form_at(signed_in, URL)
    file.write_text(
        SHIPPED.replace("maxpopaccounts\t\t-1", "maxpopaccounts\t\t3") + "# by hand\nmaxaliases 4\n"
    )
    page = send(signed_in, form, maxpopaccounts="number", maxpopaccounts_number="7")
    assert "changed by somebody else meanwhile" in page.content.decode()
    assert "maxpopaccounts\t\t3" in file.read_text()
    assert page.context["form"]["maxaliases_number"].value() == "4"
    assert send(signed_in, form, maxforwards="none").status_code == 302  # nobody touched that
    assert "maxforwards\t\t0" in file.read_text() and "# by hand\nmaxaliases 4\n" in file.read_text()


def test_a_link_is_left_alone(store: Store, signed_in: Client, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("maxaliases 1\n")
    (store.home / "etc" / "vlimits.default").symlink_to(other)
    for answer in (signed_in.get(URL), signed_in.post(URL, {"seen": ""})):
        assert answer.status_code == 409
        assert "symbolic link" in answer.content.decode()
    assert other.read_text() == "maxaliases 1\n"


def test_for_administrators_of_the_whole_server(
    file: Path, allow: Callable[..., Client], signed_in: Client
) -> None:
    assert allow("view_limits", "view_domain").get(URL).status_code == 403
    assert allow("change_limits").get(URL).status_code == 200
    assert URL in signed_in.get("/server/").content.decode()
