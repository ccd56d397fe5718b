import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.models import Entry
from domains import services
from tests.mariadb import MariaDB
from tests.pages import error_of, state_of
from tests.store import Store
from vpopmail.engines.base import Refused, Unavailable
from vpopmail.models import find_account
from vpopmail.passwords import verify

URL = "/domains/add/"
PASSWORD = "Correct-Horse-7"


def post(client: Client, **fields: str) -> Any:
    return client.post(URL, {"password": PASSWORD, "unknown": "bounce", **fields})


def test_it_works(store: Store, signed_in: Client) -> None:
    response = post(signed_in, domain="example.com")
    assert response.status_code == 302
    assert response["Location"] == "/domains/example.com/"
    assert "+example.com-:example.com:" in store.control("assign")
    assert store.control("rcpthosts").splitlines().count("example.com") == 1
    assert (store.directory("example.com") / "postmaster" / "Maildir").is_dir()
    assert [row["pw_name"] for row in store.accounts("example.com")] == ["postmaster"]
    found = find_account("example.com", "postmaster")
    assert found is not None
    assert verify(PASSWORD, found.passwd)
    entry = Entry.objects.get()
    assert (entry.action, entry.target, entry.state, entry.via) == ("vadddomain", "example.com", "ok", "page")
    assert PASSWORD not in f"{entry.changes} {entry.command}"


def test_next_page_says_so_with_a_link(store: Store, signed_in: Client) -> None:
    page = signed_in.post(URL, {"domain": "example.com", "password": PASSWORD}, follow=True).content.decode()
    assert '<a href="/domains/example.com/">example.com</a> was added.' in page


def test_generated_password_is_shown_once(store: Store, signed_in: Client) -> None:
    response = post(signed_in, domain="example.com", password="")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    secret = re.search(r'id="secret">([^<]+)<', response.content.decode())
    assert secret
    found = find_account("example.com", "postmaster")
    assert found is not None
    assert verify(secret[1], found.passwd)
    assert secret[1] not in signed_in.get("/domains/example.com/").content.decode()
    assert secret[1] not in str(list(signed_in.session.items()))


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"unknown": "bounce"}, "bounce-no-mailbox"),
        ({"unknown": "delete"}, "delete"),
        ({"unknown": "address", "catch_all": "All@Example.com"}, "all@example.com"),
        ({"unknown": "all@example.com"}, "all@example.com"),
        ({"unknown": ""}, "bounce-no-mailbox"),
    ],
)
@pytest.mark.stores("sqlite")
def test_mail_for_unknown_addresses(
    store: Store, signed_in: Client, fields: dict[str, str], line: str
) -> None:
    assert post(signed_in, domain="example.com", **fields).status_code == 302
    text = (store.directory("example.com") / ".qmail-default").read_text()
    assert text == f"| {store.home}/bin/vdelivermail '' {line}\n"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("EXAMPLE.Org", "example.org"),
        ("müller.example", "xn--mller-kva.example"),
        ("MÜLLER.example", "xn--mller-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        (" example.net ", "example.net"),
    ],
)
@pytest.mark.stores("sqlite")
def test_names_are_stored_lower_case_and_as_xn(
    store: Store, signed_in: Client, typed: str, stored: str
) -> None:
    assert post(signed_in, domain=typed)["Location"] == f"/domains/{stored}/"
    assert f"+{stored}-:{stored}:" in store.control("assign")


def test_alias_domains_at_once(store: Store, signed_in: Client) -> None:
    post(signed_in, domain="example.com", alias_domains="example.net\nMÜLLER.example, example.org")
    assign = store.control("assign")
    for name in ("example.net", "xn--mller-kva.example", "example.org"):
        assert f"+{name}-:example.com:" in assign
    assert Entry.objects.get().changes["alias_domains"][1] == [
        "example.net",
        "xn--mller-kva.example",
        "example.org",
    ]


BAD_NAMES = [
    ("", "Type the name"),
    ("a.", "between 3 and 96"),
    ("x" * 93 + ".com", "between 3 and 96"),
    ("localhost", "has a dot"),
    ("example.c", "ending of at least two letters"),
    ("-example.com", "does not start or end with a dot or hyphen"),
    ("example.com-", "does not start or end with a dot or hyphen"),
    (".example.com", "does not start or end with a dot or hyphen"),
    ("exa..mple.com", "two dots in a row"),
    ("../../etc.com", "lower-case letters"),
    ("exa/mple.com", "lower-case letters"),
    ("exa mple.com", "lower-case letters"),
    ("under_score.com", "lower-case letters"),
    ("info@example.com", "lower-case letters"),
    ("exam\x01ple.com", "lower-case letters"),
    ("exam\x00ple.com", "Null characters"),
    ("exam\nple.com", "lower-case letters"),
    ("a\u202eb.example", "no domain can have"),
    ("example.com:evil", "lower-case letters"),
]


@pytest.mark.parametrize(("name", "message"), BAD_NAMES)
@pytest.mark.stores("sqlite")
def test_bad_name(store: Store, signed_in: Client, name: str, message: str) -> None:
    before = state_of(store)
    response = post(signed_in, domain=name, alias_domains="example.net", unknown="delete")
    assert message in error_of(response, "domain")
    page = response.content.decode()
    assert "example.net</textarea>" in page
    assert re.search(r'value="delete"[^>]*checked', page) or re.search(r'checked[^>]*value="delete"', page)
    assert PASSWORD not in page and "Type or generate it again" in page
    assert state_of(store) == before


def test_existing_domain(example: Store, signed_in: Client) -> None:
    before = state_of(example)
    assert "exists already" in error_of(post(signed_in, domain="Example.COM"), "domain")
    assert state_of(example) == before


def test_existing_alias_domain(store: Store, signed_in: Client, admin: Any) -> None:
    services.add_domain(actor=admin, domain="example.com", password=PASSWORD, alias_domains=["example.net"])
    before = state_of(store)
    message = error_of(post(signed_in, domain="example.net"), "domain")
    assert "alias domain of example.com" in message
    assert state_of(store) == before


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("example.com", "named twice"),
        ("example.net example.net", "named twice"),
        ("-bad.com", "-bad.com: "),
        ("nodot", "nodot: "),
        ("taken.com", "exists already"),
        (" ".join(f"a{n}.example" for n in range(51)), "At most 50"),
    ],
)
@pytest.mark.stores("sqlite")
def test_bad_alias_domain(store: Store, signed_in: Client, admin: Any, typed: str, message: str) -> None:
    services.add_domain(actor=admin, domain="taken.com", password=PASSWORD)
    before = state_of(store)
    response = post(signed_in, domain="example.com", alias_domains=typed)
    assert message in error_of(response, "alias_domains")
    assert state_of(store) == before


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"unknown": "address"}, "catch_all", "Type the address"),
        ({"unknown": "address", "catch_all": "nobody"}, "catch_all", "An address has a name"),
        ({"unknown": "address", "catch_all": "a b@example.com"}, "catch_all", "A name is made of"),
        ({"unknown": "nobody@"}, "unknown", "between 3 and 96"),
        ({"unknown": "explode"}, "unknown", "valid choice"),
        ({"password": "x" * 200}, "password", "at most 128"),
        ({"password": "line\nbreak-Horse"}, "password", "control characters"),
    ],
)
@pytest.mark.stores("sqlite")
def test_bad_choice(
    store: Store, signed_in: Client, fields: dict[str, str], field: str, message: str
) -> None:
    before = state_of(store)
    assert message in error_of(post(signed_in, domain="example.com", **fields), field)
    assert state_of(store) == before


@pytest.mark.stores("sqlite")
def test_password_against_the_policy(store: Store, signed_in: Client) -> None:
    (store.home / "etc" / "password_strength.conf").write_text("Policy = Ten characters.\nLength >= 10\n")
    before = state_of(store)
    assert "Ten characters." in error_of(post(signed_in, domain="example.com", password="short"), "password")
    assert state_of(store) == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a.b.com", "a-b.com already uses the table a_b_com"),
        ("dir.control", "a table of vpopmail"),
        ("ip-alias.map", "a table of vpopmail"),
        ("1e5.com", "begins like a number"),
    ],
)
@pytest.mark.stores("perdomain")
def test_names_that_cannot_be_tables(
    store: Store, signed_in: Client, admin: Any, name: str, message: str
) -> None:
    services.add_domain(actor=admin, domain="a-b.com", password=PASSWORD)
    before = state_of(store)
    assert message in error_of(post(signed_in, domain=name), "domain")
    assert state_of(store) == before
    assert len(store.accounts("a-b.com")) == 1


class TestLongNames:
    """In a home with a short path: vpopmail stores 160 characters of a mailbox's."""

    @pytest.fixture
    def tmp_path(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="vq") as path:
            yield Path(path)

    @pytest.mark.stores("sqlite", "many")
    def test_longest(self, store: Store, signed_in: Client) -> None:
        name = "x" * 40 + "." + "y" * 35 + ".com"
        assert len(name) == 80
        assert post(signed_in, domain=name)["Location"] == f"/domains/{name}/"
        assert signed_in.get(f"/domains/{name}/").status_code == 200

    @pytest.mark.stores("sqlite")
    def test_too_long_for_a_line_of_assign(self, store: Store, signed_in: Client) -> None:
        before = state_of(store)
        name = "x" * 50 + "." + "y" * 41 + ".com"
        assert len(name) == 96
        assert "assign file would have over 299" in error_of(post(signed_in, domain=name), "domain")
        assert state_of(store) == before

    @pytest.mark.stores("perdomain")
    def test_longer_than_the_name_of_a_table(self, store: Store, signed_in: Client) -> None:
        before = state_of(store)
        name = "x" * 40 + "." + "y" * 21 + ".com"
        assert "at most 64" in error_of(post(signed_in, domain=name), "domain")
        assert state_of(store) == before


def test_engine_fails(store: Store, signed_in: Client, broken_engine: Any) -> None:
    before = state_of(store)
    broken_engine("vadddomain", Refused("The disk said no.", field="domain"))
    assert error_of(post(signed_in, domain="example.com"), "domain") == "The disk said no."
    entry = Entry.objects.get()
    assert (entry.state, entry.reason) == ("failed", "The disk said no.")
    assert state_of(store)["control"] == before["control"]


@pytest.mark.stores("sqlite")
def test_helper_does_not_answer(store: Store, signed_in: Client, broken_engine: Any) -> None:
    broken_engine("vadddomain", Unavailable("The mail host does not answer."))
    response = post(signed_in, domain="example.com")
    assert response.status_code == 503
    assert error_of(response, "__all__") == "The mail host does not answer."
    assert 'value="example.com"' in response.content.decode()


@pytest.mark.stores("many", "perdomain")
def test_database_stops_and_comes_back(store: Store, signed_in: Client, mariadb: MariaDB) -> None:
    before = state_of(store)
    mariadb.stop()
    try:
        assert post(signed_in, domain="example.com").status_code == 503
        assert state_of(store)["control"] == before["control"]
        assert state_of(store)["directories"] == before["directories"]
    finally:
        mariadb.start()
    assert post(signed_in, domain="example.com").status_code == 302


@pytest.mark.stores("sqlite")
def test_get_changes_nothing(store: Store, signed_in: Client) -> None:
    before = state_of(store)
    response = signed_in.get(URL, {"domain": "example.com", "password": PASSWORD})
    assert response.status_code == 200
    assert state_of(store) == before


@pytest.mark.stores("sqlite")
def test_not_signed_in(store: Store, client: Client) -> None:
    for response in (client.get(URL), post(client, domain="example.com")):
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/")
    assert store.control("assign") == ""


@pytest.mark.stores("sqlite")
def test_without_the_right(store: Store, person: Client, allow: Any) -> None:
    for client in (person, allow("view_domain", "delete_domain")):
        assert client.get(URL).status_code == 403
        assert post(client, domain="example.com").status_code == 403
    assert store.control("assign") == ""


@pytest.mark.stores("sqlite")
def test_csrf(store: Store, admin: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert post(client, domain="example.com").status_code == 403
    assert store.control("assign") == ""


@pytest.mark.stores("sqlite")
def test_form_with_a_password_has_one_password_field(store: Store, signed_in: Client) -> None:
    page = signed_in.get(URL).content.decode()
    assert len(re.findall(r'<(?:input|textarea|select)[^>]*name="[^"]*password', page)) == 1
    assert len(re.findall(r"<label[^>]*>[^<]*password", page, re.IGNORECASE)) == 1
