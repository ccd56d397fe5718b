"""The tab Limits: what a domain may have, what it uses, and changing it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts
from audit.models import Entry
from domains import services
from tests.domains.limits import form_at, save, send
from tests.pages import state_of
from tests.store import Store
from vpopmail import limits

URL = "/domains/example.com/limits/"


def words(client: Client, url: str = URL) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_three_values_of_a_count(example: Store, signed_in: Client) -> None:
    for choice, number, value in (("number", "5", 5), ("none", "", 0), ("unlimited", "", -1)):
        answer = save(signed_in, URL, maxpopaccounts=choice, maxpopaccounts_number=number)
        assert answer.status_code == 302
        found = limits.read("example.com")
        assert (found.own, found["maxpopaccounts"]) == (True, value)
        fields = form_at(signed_in, URL).fields
        assert (fields["maxpopaccounts"], fields["maxpopaccounts_number"]) == ([choice], [number])
    assert [choice for choice, _ in signed_in.get(URL).context["form"].fields["maxpopaccounts"].choices] == [
        "default", "unlimited", "none", "number",
    ]  # fmt: skip


def test_sizes_switches_and_masks(example: Store, signed_in: Client) -> None:
    save(
        signed_in,
        URL,
        **{"defaultquota": "number", "defaultquota_number": "10 GB", "diskquota": "number"},
        **{"diskquota_number": "1.5 GB", "defaultmaxmsgcount": "number", "defaultmaxmsgcount_number": "500"},
        **{"disable_pop": "on", "delete_spam": "on", "deny_p": ["c", "d"], "deny_u": ["m"], "deny_l": ["c"]},
    )
    found = limits.read("example.com")
    assert (found["defaultquota"], found["diskquota"], found["defaultmaxmsgcount"]) == (10 * 2**30, 1536, 500)
    assert (found["disable_pop"], found["delete_spam"], found["disable_imap"]) == (1, 1, 0)
    assert (found["perm_account"], found["perm_maillist"]) == (5, 2 << 3 | 1)
    assert found.default_quota == f"{10 * 2**30}S,500C"
    fields = form_at(signed_in, URL).fields
    assert fields["defaultquota_number"] == ["10 GB"] and fields["diskquota_number"] == ["1536 MB"]
    assert fields["deny_p"] == ["c", "d"] and fields["disable_pop"] == ["on"]
    save(signed_in, URL, disable_pop="off", deny_p=[])
    found = limits.read("example.com")
    assert (found["disable_pop"], found["perm_account"], found["perm_maillist"]) == (0, 0, 17)


def test_saved_unchanged_nothing_is_written(example: Store, signed_in: Client) -> None:
    for own in (False, True):
        if own:
            values = {"maxaliases": 3, "maxforwards": 0, "defaultquota": 12345, "perm_maillist": 0o25}
            services.change_limits(actor=None, domain="example.com", changes=values | {"disable_smtp": 1})
        before, rows = state_of(example), limits.read("example.com")
        page = save(signed_in, URL)
        assert page.status_code == 302 and state_of(example) == before
        assert limits.read("example.com") == rows and limits.read("example.com").own is own


def test_as_by_default_takes_the_value_of_now(example: Store, signed_in: Client) -> None:
    (example.home / "etc" / "vlimits.default").write_text("maxaliases 7\nmaxforwards 8\n")
    assert "As for all domains (At most 7)" in words(signed_in)
    save(signed_in, URL, maxforwards="number", maxforwards_number="9")
    found = limits.read("example.com")
    assert (found["maxaliases"], found["maxforwards"]) == (7, 9)
    save(signed_in, URL, maxforwards="default")
    assert limits.read("example.com")["maxforwards"] == 8


def test_use_is_shown_beside(example: Store, signed_in: Client) -> None:
    accounts.add_account(actor=None, domain="example.com", name="anna", password="Correct-Horse-7")
    accounts.add_alias(actor=None, domain="example.com", alias="info", line="&anna@example.com")
    used = signed_in.get(URL).context["counts"]
    assert {row.column: str(row.used) for row in used} == {
        "maxpopaccounts": "2",
        "maxforwards": "1",
        "maxaliases": "0",
        "maxautoresponders": "0",
        "maxmailinglists": "0",
    }


def test_below_what_there_is_is_allowed_with_a_warning(example: Store, signed_in: Client) -> None:
    accounts.add_account(actor=None, domain="example.com", name="anna", password="Correct-Horse-7")
    answer = save(signed_in, URL, maxpopaccounts="number", maxpopaccounts_number="1")
    assert answer.status_code == 302
    assert limits.read("example.com")["maxpopaccounts"] == 1
    sentence = "There are 2 accounts already and 1 allowed"
    assert sentence in words(signed_in)
    assert any(sentence in warning for warning in Entry.objects.latest("id").warnings)
    assert len(example.accounts("example.com")) == 2


@pytest.mark.parametrize(
    "field, typed, sentence",
    [
        ("maxpopaccounts", "-5", "greater than or equal to 1"),
        ("maxpopaccounts", "many", "whole number"),
        ("maxpopaccounts", "", "Type how many"),
        ("maxpopaccounts", "99999999999", "less than or equal to"),
        ("defaultquota", "0", "no limit"),
        ("defaultquota", "-1 GB", "not a quota"),
        ("defaultquota", "10 MB, 500 messages", "A size only"),
        ("diskquota", "1000 bytes", "whole megabytes"),
        ("defaultquota", "9000000 TB", "larger than vpopmail can store"),
    ],
)
@pytest.mark.stores("sqlite")
def test_what_is_refused_is_said_beside_the_field(
    example: Store, signed_in: Client, field: str, typed: str, sentence: str
) -> None:
    page = save(signed_in, URL, **{field: "number", f"{field}_number": typed, "maxaliases": "none"})
    assert page.status_code == 200
    assert sentence in str(page.context["form"].errors[f"{field}_number"])
    assert not limits.read("example.com").own
    fields = {name: page.context["form"][name].value() for name in (f"{field}_number", "maxaliases")}
    assert fields == {f"{field}_number": typed, "maxaliases": "none"}, "nothing typed is lost"


def test_100_terabytes_with_messages_would_be_no_quota_at_all(example: Store, signed_in: Client) -> None:
    sent = {"defaultquota": "number", "defaultquota_number": "100 TB"}
    assert save(signed_in, URL, **sent).status_code == 302
    page = save(signed_in, URL, defaultmaxmsgcount="number", defaultmaxmsgcount_number="1000000")
    assert "no room for this size" in str(page.context["form"].errors["defaultquota_number"])
    assert limits.read("example.com").default_quota == f"{100 * 2**40}S"


def test_the_second_of_two_is_told(example: Store, signed_in: Client) -> None:
    services.change_limits(actor=None, domain="example.com", changes={"maxaliases": 3, "maxforwards": 4})
    form = form_at(signed_in, URL)
    services.change_limits(actor=None, domain="example.com", changes={"maxaliases": 5, "maxpopaccounts": 9})
    page = send(signed_in, form, maxaliases="number", maxaliases_number="7")
    assert "changed by somebody else meanwhile" in page.content.decode()
    assert limits.read("example.com")["maxaliases"] == 5
    shown = page.context["form"]
    assert shown["maxaliases_number"].value() == "7", "the person's own choice"
    assert shown["maxpopaccounts_number"].value() == "9", "on top of what is there now"
    sent = {name: shown[name].value() for name in shown.fields if shown[name].value() not in (None, "")}
    assert signed_in.post(URL, sent).status_code == 302
    found = limits.read("example.com")
    assert (found["maxaliases"], found["maxforwards"], found["maxpopaccounts"]) == (7, 4, 9)


def test_what_another_changed_elsewhere_stays(example: Store, signed_in: Client) -> None:
    services.change_limits(actor=None, domain="example.com", changes={"maxaliases": 3})
    form = form_at(signed_in, URL)
    services.change_limits(actor=None, domain="example.com", changes={"maxpopaccounts": 9})
    assert send(signed_in, form, maxaliases="none").status_code == 302
    found = limits.read("example.com")
    assert (found["maxaliases"], found["maxpopaccounts"]) == (0, 9)


@pytest.mark.stores("many")
def test_what_vpopmail_s_programs_make_of_it(example: Store, signed_in: Client) -> None:
    assert "makes no difference now" in words(signed_in)
    save(signed_in, URL, deny_r=["c"], deny_l=["c", "m"], deny_x=["d"])
    rows = {str(title): (stands, theirs) for title, stands, theirs in signed_in.get(URL).context["misread"]}
    assert rows["Mailing lists"] == ("may not add, change", "may not add")
    assert rows["Quotas"] == ("may not delete", "may not add, change")
    assert rows["The default quota"] == ("may do everything", "may not delete")
    page = save(signed_in, URL, deny_o=["m"])
    assert "no room for this" in page.content.decode()


@pytest.mark.stores("sqlite")
def test_masks_of_moderators_fit_into_a_file(example: Store, signed_in: Client) -> None:
    assert save(signed_in, URL, deny_o=["c", "m", "d"]).status_code == 302
    assert limits.read("example.com")["perm_maillist"] == 7 << 6
    assert "vpopmail’s programs make of it" not in words(signed_in)


def test_who_may_only_look(example: Store, allow: Callable[..., Client]) -> None:
    services.change_limits(actor=None, domain="example.com", changes={"maxpopaccounts": 5, "disable_pop": 1})
    viewer = allow("view_domain", "view_limits")
    page = words(viewer)
    assert "At most 5" in page and "Not allowed" in page and 'name="seen"' not in page
    assert viewer.post(URL, {"seen": ""}).status_code == 403
    assert viewer.get(f"{URL}defaults/").status_code == 403
    assert allow("view_domain").get(URL).status_code == 403
    assert limits.read("example.com")["maxpopaccounts"] == 5


@pytest.mark.stores("sqlite")
def test_the_postmaster_looks_and_changes_nothing(example: Store) -> None:
    from accounts.models import User
    from vpopmail.engines.base import Refused

    services.change_limits(actor=None, domain="example.com", changes={"maxpopaccounts": 5})
    postmaster, client = User.objects.of_mailbox("postmaster", "example.com"), Client()
    client.force_login(postmaster)
    assert "At most 5" in words(client)
    assert 'aria-current="page">Limits' in words(client)
    assert client.post(URL, {"maxpopaccounts": "unlimited"}).status_code == 403
    for change in (services.change_limits, services.delete_limits):
        more: Any = {"changes": {"maxpopaccounts": -1}} if change is services.change_limits else {}
        with pytest.raises(Refused, match="Only an administrator"):
            change(actor=postmaster, domain="example.com", **more)
    assert limits.read("example.com")["maxpopaccounts"] == 5


@pytest.mark.stores("sqlite")
def test_by_an_alias_domain(example: Store, signed_in: Client) -> None:
    from aliasdomains import services as alias_domains

    alias_domains.add_alias_domain(actor=None, real="example.com", alias="example.net")
    for part in ("limits/", "limits/defaults/"):
        assert signed_in.get(f"/domains/example.net/{part}")["Location"] == f"/domains/example.com/{part}"
