"""What a postmaster and a confined administrator see: their own domains, and no sign that others exist."""

from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts
from accounts.models import Grant, User
from aliasdomains import services as alias_domains
from audit.models import Entry
from domains import services as domains
from domains.services import change_limits
from tests.store import Store
from vpopmail import flags

PASSWORD = "Correct-Horse-7"
FOREIGN = ("other.org", "other.net")


@pytest.fixture
def server(example: Store, admin: Any) -> Store:
    """example.com, also example.net, with postmaster, anna and the alias info; and other.org, also other.net,
    with anna and the alias info as well.
    """
    domains.add_domain(actor=admin, domain="other.org", password=PASSWORD)
    accounts.add_account(actor=admin, domain="other.org", name="anna", password=PASSWORD)
    for real, alias in (("example.com", "example.net"), ("other.org", "other.net")):
        alias_domains.add_alias_domain(actor=admin, real=real, alias=alias)
        accounts.add_alias(actor=admin, domain=real, alias="info", line=f"&anna@{real}")
    return example


def sign_in(address: str) -> Client:
    client = Client()
    name, _at, domain = address.partition("@")
    client.force_login(User.objects.of_mailbox(name, domain))
    return client


@pytest.fixture
def postmaster(server: Store) -> Client:
    return sign_in("postmaster@example.com")


@pytest.fixture
def confined(server: Store) -> Client:
    from django.contrib.auth.models import Permission

    user = User.objects.create_user("clerk", confined=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=("vpopmail", "audit")))
    Grant.objects.create(user=user, domain="example.com", given_by="admin")
    client = Client()
    client.force_login(user)
    return client


OWN = "/domains/example.com"
LISTS = (
    "/",
    *(f"/domains/{query}" for query in ("", "?q=o")),
    "/aliasdomains/",
    *(f"/accounts/?q={text}" for text in ("an", "anna@other.org")),
    *(f"/search/?q={text}" for text in ("other", "an", "in", "anna@other.org", "other.org", "an&part=1")),
    *(f"/activity/{query}" for query in ("", "?target=other.org")),
    *(f"{OWN}/{part}" for part in ("", "aliases/", "aliasdomains/", "activity/")),
    *(f"{OWN}/{part}" for part in ("accounts/anna/", "aliases/info/")),
)


def test_no_page_tells_of_other_domains(postmaster: Client, confined: Client) -> None:
    for client in (postmaster, confined):
        for path in LISTS:
            page = client.get(path)
            text = page.content.decode().replace("<wbr>", "")
            typed = path.partition("q=")[2] or path.partition("target=")[2]
            assert page.status_code == 200, path
            for name in FOREIGN:
                if name not in typed:
                    assert name not in text, path
            assert "/domains/other" not in text, path


def test_what_is_found(postmaster: Client, confined: Client) -> None:
    for client in (postmaster, confined):
        groups = client.get("/search/?q=ann").context["groups"]
        assert [row.text for group in groups for row in group.rows] == ["anna@example.com"]
        groups = client.get("/search/?q=inf").context["groups"]
        assert [row.text for group in groups for row in group.rows] == ["info@example.com"]
        assert client.get("/search/?q=example.net")["Location"] == "/domains/example.com/"
        found = client.get("/accounts/?q=a").context["found"]
        assert found.count == 1 and not found.note
        rows = client.get("/domains/").context["page"].rows
        assert [row.domain.name for row in rows] == ["example.com"]


@pytest.mark.stores("sqlite")
def test_an_address_elsewhere_on_this_server_looks_like_any_other(postmaster: Client, admin: Any) -> None:
    for line in ("&anna@other.org", "&nobody@other.org", "&x@elsewhere.example", "&nobody@example.com"):
        accounts.add_alias(actor=admin, domain="example.com", alias="to", line=line)
    words = {
        destination.line.destination: (destination.page, destination.missing)
        for destination in postmaster.get("/domains/example.com/aliases/to/").context["lines"]
    }
    assert words == {
        "anna@other.org": ("", False),
        "nobody@other.org": ("", False),
        "x@elsewhere.example": ("", False),
        "nobody@example.com": ("", True),
    }


@pytest.mark.stores("sqlite")
def test_foreign_and_unknown_are_the_same_answer(postmaster: Client, confined: Client) -> None:
    foreign = Entry.objects.filter(domain="other.org").latest("id").key
    for client in (postmaster, confined):
        for path in ("", "accounts/anna/", "aliases/info/", "accounts/add/", "delete/"):
            answers = [client.get(f"/domains/{name}/{path}") for name in ("other.org", "nowhere.test")]
            assert {answer.status_code for answer in answers} == {404}
            texts = [a.content.decode().replace("nowhere.test", "other.org") for a in answers]
            assert _without_token(texts[0]) == _without_token(texts[1])
        assert client.get(f"/activity/{foreign}/").status_code == 404
        assert client.get(f"/activity/{foreign}/revert/").status_code == 404


def _without_token(text: str) -> list[str]:
    return [line for line in text.splitlines() if "csrfmiddlewaretoken" not in line]


@pytest.mark.stores("sqlite")
def test_the_journal_of_a_former_life_of_the_domain(server: Store, admin: Any) -> None:
    domains.delete_domain(actor=admin, domain="example.com", with_alias_domains=True)
    domains.add_domain(actor=admin, domain="example.com", password=PASSWORD)
    client = sign_in("postmaster@example.com")
    for path in ("/", "/activity/", "/domains/example.com/activity/"):
        page = client.get(path)
        entries = page.context.get("entries") or page.context["page"].rows
        assert [entry.action for entry in entries] == ["vadddomain"], path


@pytest.mark.stores("sqlite")
def test_the_postmaster_s_first_page(postmaster: Client) -> None:
    change_limits(actor=None, domain="example.com", changes={"maxpopaccounts": 5, "maxaliases": 0})
    text = postmaster.get("/").content.decode()
    assert "2 of 5" in text and "1, no limit" in text and "Not allowed" in text
    for title in ("My domain", "Accounts", "Aliases", "Alias domains", "Activity", "My account"):
        assert f"<span>{title}</span>" in text
    assert "<span>Server</span>" not in text and "Add domain" not in text
    text = postmaster.get("/domains/example.com/accounts/anna/").content.decode()
    assert text.count('aria-current="page"') == 2  # the navigation's, and the last breadcrumb
    assert "Delete account" in text and "Change services and flags" in text


@pytest.mark.stores("sqlite")
def test_what_may_not_be_done_is_not_offered(postmaster: Client, admin: Any) -> None:
    own = postmaster.get("/domains/example.com/accounts/postmaster/").content.decode()
    assert "Delete account" not in own and "Change services and flags" not in own
    accounts.change_account(actor=admin, domain="example.com", name="anna", set_flags=flags.SYSTEM_ADMIN)
    above = postmaster.get("/domains/example.com/accounts/anna/").content.decode()
    for words in ("Delete account", "Change password", "Save quota", "Save display name"):
        assert words not in above
    for part in ("password", "quota", "change", "flags", "delete"):
        assert postmaster.get(f"/domains/example.com/accounts/anna/{part}/").status_code == 403
        assert postmaster.post(f"/domains/example.com/accounts/anna/{part}/").status_code == 403
    assert "Delete domain" not in postmaster.get("/domains/example.com/").content.decode()


@pytest.mark.stores("sqlite")
def test_refusals_are_told_in_the_form(postmaster: Client) -> None:
    change_limits(actor=None, domain="example.com", changes={"maxpopaccounts": 2, "maxforwards": 1})
    page = postmaster.post(
        "/domains/example.com/accounts/add/", {"name": "new", "password": PASSWORD, "services": "imap"}
    )
    assert page.status_code == 200 and "may have 2 accounts" in page.content.decode()
    page = postmaster.post(f"{OWN}/aliases/add/", {"alias": "new", "line": "x@elsewhere.example"})
    assert page.status_code == 200 and "may have 1 forward" in page.content.decode()
    flags_page = postmaster.post(
        "/domains/example.com/accounts/anna/flags/", {"seen": "0", "flag_10000": "on", "flag_2": "on"}
    )
    assert flags_page.status_code == 302
    from vpopmail.models import find_account

    assert find_account("example.com", "anna").gid == flags.NO_POP  # the other box cannot be ticked


@pytest.mark.stores("sqlite")
def test_a_confined_administrator_with_several_domains(confined: Client, admin: Any) -> None:
    domains.add_domain(actor=admin, domain="third.test", password=PASSWORD)
    user = User.objects.get(username="clerk")
    Grant.objects.create(user=user, domain="third.test", given_by="admin")
    page = confined.get("/")
    assert [name for name, _count in page.context["rows"]] == ["example.com", "third.test"]
    page = confined.post("/aliasdomains/add/", {"real": "other.org", "alias": "new.test"})
    assert "may not add names" in page.content.decode()
    assert confined.post("/aliasdomains/other.net/delete/").status_code == 404
    assert confined.post("/aliasdomains/example.net/delete/").status_code == 302
    user.grants.all().delete()
    assert confined.get("/").status_code == 403
