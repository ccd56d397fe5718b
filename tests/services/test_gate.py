"""What binds people below administrator, whichever way they come: limits, masks, and accounts above them."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts import services
from accounts.models import User
from audit.models import Entry
from domains import services as domains
from domains.services import change_limits
from tests.services.conftest import PASSWORD
from tests.store import Store
from vpopmail import flags
from vpopmail.aliases import get_alias
from vpopmail.engines.base import NewAccount, Refused
from vpopmail.models import find_account

pytestmark = pytest.mark.stores("sqlite")
DOMAIN = "example.com"


@pytest.fixture
def people(domain: str) -> Callable[[str], Any]:
    """`people("helper")`: the person of that account of example.com. helper administers the domain, chief
    the server; bob and ann own a mailbox.
    """
    for name, bits in (("helper", flags.DOMAIN_ADMIN), ("chief", flags.SYSTEM_ADMIN), ("bob", 0), ("ann", 0)):
        services.add_account(actor=None, domain=domain, name=name, password=PASSWORD, flags=bits)
    return lambda name: User.objects.of_mailbox(name, domain)


def refused(call: Callable[..., Any], actor: Any, **values: Any) -> str:
    """The sentence; nothing was done, and no entry made."""
    before = Entry.objects.count()
    with pytest.raises(Refused) as error:
        call(actor=actor, domain=DOMAIN, **values)
    assert Entry.objects.count() == before
    return error.value.message


def test_accounts_that_stand_above(people: Any) -> None:
    for actor, name in (
        ("helper", "postmaster"),
        ("helper", "chief"),
        ("postmaster", "chief"),
        ("bob", "ann"),
    ):
        person = people(actor)
        assert "above you" in refused(services.change_password, person, name=name, password=PASSWORD)
        assert "above you" in refused(services.change_account, person, name=name, gecos="Other")
        assert "above you" in refused(services.change_quota, person, name=name, quota="1 GB")
        assert "above you" in refused(services.delete_account, person, name=name)
    for actor in ("helper", "postmaster"):
        services.change_account(actor=people(actor), domain=DOMAIN, name="bob", gecos=f"By {actor}")
    services.change_account(actor=people("postmaster"), domain=DOMAIN, name="helper", gecos="Helper")
    assert find_account(DOMAIN, "postmaster").gecos == "Postmaster"


def test_people_of_another_domain(people: Any) -> None:
    domains.add_domain(actor=None, domain="other.org", password=PASSWORD)
    stranger = User.objects.of_mailbox("postmaster", "other.org")
    assert refused(services.change_account, stranger, name="bob", gecos="Other")
    assert refused(services.delete_account, stranger, name="bob")
    assert refused(services.add_account, stranger, name="new", password=PASSWORD)
    assert refused(services.add_alias, stranger, alias="new", line="&x@elsewhere.example")


def test_nobody_deletes_the_postmaster_or_itself(people: Any) -> None:
    postmaster, helper = people("postmaster"), people("helper")
    assert "keeps its postmaster" in refused(services.delete_account, postmaster, name="postmaster")
    assert "signed in" in refused(services.delete_account, helper, name="helper")
    services.delete_account(actor=helper, domain=DOMAIN, name="bob")
    services.delete_account(actor=postmaster, domain=DOMAIN, name="helper")


def test_nobody_becomes_the_postmaster(people: Any) -> None:
    services.delete_account(actor=None, domain=DOMAIN, name="postmaster")
    helper = people("helper")
    assert "administrator of the server" in refused(
        services.add_account, helper, name="postmaster", password=PASSWORD
    )
    assert "only the postmaster" in refused(
        services.add_alias, helper, alias="postmaster", line="&helper@example.com"
    )


def test_an_alias_takes_no_mail_of_an_account_above(people: Any) -> None:
    line = "&helper@example.com"
    for name in ("postmaster", "chief"):
        assert "above you" in refused(
            services.add_alias, people("helper"), alias=name, line=line, beside_account=True
        )
    services.add_alias(actor=people("helper"), domain=DOMAIN, alias="bob", line=line, beside_account=True)


@pytest.mark.parametrize("bit", [flags.OVERRIDE_LIMITS, flags.SYSTEM_ADMIN, flags.SYSTEM_EXPERT, 0x80])
def test_flags_that_are_the_administrators(people: Any, bit: int) -> None:
    postmaster = people("postmaster")
    assert "administrator of the server" in refused(
        services.change_account, postmaster, name="bob", set_flags=bit
    )
    assert "administrator of the server" in refused(
        services.add_account, postmaster, name="new", password=PASSWORD, flags=bit
    )
    services.change_account(actor=None, domain=DOMAIN, name="bob", set_flags=bit)
    if bit != flags.SYSTEM_ADMIN:
        assert refused(services.change_account, postmaster, name="bob", clear_flags=bit)
    services.change_account(actor=people("postmaster"), domain=DOMAIN, name="ann", set_flags=flags.NO_POP)


def test_who_else_administers_the_domain_says_the_postmaster(people: Any) -> None:
    bit = flags.DOMAIN_ADMIN
    assert "postmaster" in refused(services.change_account, people("helper"), name="bob", set_flags=bit)
    services.change_account(actor=people("postmaster"), domain=DOMAIN, name="bob", set_flags=bit)
    assert "postmaster" in refused(services.change_account, people("helper"), name="bob", clear_flags=bit)


def test_nobody_changes_what_its_own_account_may_do(people: Any) -> None:
    services.change_account(actor=None, domain=DOMAIN, name="helper", set_flags=flags.NO_PASSWORD_CHANGE)
    person = people("helper")
    assert "above you" in refused(
        services.change_account, person, name="helper", clear_flags=flags.NO_PASSWORD_CHANGE
    )
    assert "not allowed" in refused(services.change_password, person, name="helper", password=PASSWORD)
    services.change_password(
        actor=people("postmaster"), domain=DOMAIN, name="helper", password="Another.Pass2"
    )


def test_limits_that_forbid_new_passwords_bind_the_postmaster(people: Any) -> None:
    change_limits(actor=None, domain=DOMAIN, changes={"disable_passwordchanging": 1})
    for name in ("postmaster", "bob"):
        assert refused(services.change_password, people("postmaster"), name=name, password="Another.Pass2")
    services.change_account(actor=None, domain=DOMAIN, name="bob", set_flags=flags.OVERRIDE_LIMITS)
    services.change_password(actor=people("postmaster"), domain=DOMAIN, name="bob", password="Another.Pass2")


def test_owners_change_their_own_name_and_password_alone(people: Any) -> None:
    bob = people("bob")
    services.change_account(actor=bob, domain=DOMAIN, name="bob", gecos="Robert")
    services.change_password(actor=bob, domain=DOMAIN, name="bob", password="Another.Pass2")
    assert refused(services.change_quota, bob, name="bob", quota="1 GB")
    assert refused(services.change_account, bob, name="bob", set_flags=flags.NO_POP)
    assert refused(services.add_account, bob, name="new", password=PASSWORD)
    assert refused(services.add_alias, bob, alias="new", line="&bob@example.com")
    services.add_alias(actor=None, domain=DOMAIN, alias="office", line="&bob@example.com")
    assert refused(services.remove_alias, bob, alias="office", line="&bob@example.com")
    assert refused(services.delete_alias, bob, alias="office")


# --- limits ---


def test_the_default_quota_is_the_most(people: Any) -> None:
    postmaster = people("postmaster")
    services.change_quota(actor=postmaster, domain=DOMAIN, name="bob", quota="50 GB")
    change_limits(actor=None, domain=DOMAIN, changes={"defaultquota": 1 << 30, "defaultmaxmsgcount": 1000})
    services.change_quota(actor=None, domain=DOMAIN, name="ann", quota="1GB,1000C")
    for wanted in ("2GB,10C", "1 GB", "NOQUOTA", "1000C", "1GB,1001C"):
        assert "at most 1 GB, 1000 messages" in refused(
            services.change_quota, postmaster, name="ann", quota=wanted
        ), wanted
        assert refused(services.add_account, postmaster, name="new", password=PASSWORD, quota=wanted)
    services.change_quota(actor=postmaster, domain=DOMAIN, name="ann", quota="512MB,900C")
    services.add_account(actor=postmaster, domain=DOMAIN, name="new", password=PASSWORD)
    assert find_account(DOMAIN, "new").shell == "1073741824S,1000C"
    services.change_quota(actor=postmaster, domain=DOMAIN, name="bob", quota="40 GB")  # less than before
    assert refused(services.change_quota, postmaster, name="bob", quota="41 GB")
    services.change_quota(actor=None, domain=DOMAIN, name="ann", quota="9 GB")


def test_a_batch_is_bound_like_single_accounts(people: Any) -> None:
    change_limits(actor=None, domain=DOMAIN, changes={"maxpopaccounts": 6})
    new = [NewAccount(name, "$1$abcdefgh$" + "x" * 22) for name in ("one", "two")]
    assert "6 accounts" in refused(services.add_accounts, people("postmaster"), accounts=new)
    services.add_accounts(actor=people("postmaster"), domain=DOMAIN, accounts=new[:1])


def test_administrators_are_warned_where_others_are_refused(people: Any, admin: Any) -> None:
    confined = User.objects.create_user("confined", confined=True)
    change_limits(actor=None, domain=DOMAIN, changes={"maxpopaccounts": 1, "maxforwards": 0})
    for number, person in enumerate((admin, confined, None)):
        saved = services.add_account(actor=person, domain=DOMAIN, name=f"new{number}", password=PASSWORD)
        assert "may have 1 account" in saved.warnings[0]
        line = "&x@elsewhere.example"
        outcome = services.add_alias(actor=person, domain=DOMAIN, alias=f"to{number}", line=line)
        assert "may have 0 forwards" in outcome.warnings[0]


# --- masks ---


@pytest.mark.parametrize(
    "column, denied, call, values",
    [
        ("perm_account", 1, services.add_account, {"name": "new", "password": PASSWORD}),
        ("perm_account", 2, services.change_account, {"name": "bob", "gecos": "Bob"}),
        ("perm_account", 2, services.change_password, {"name": "bob", "password": "Another.Pass2"}),
        ("perm_account", 4, services.delete_account, {"name": "bob"}),
        ("perm_quota", 1, services.add_account, {"name": "new", "password": PASSWORD, "quota": "1 GB"}),
        ("perm_quota", 2, services.change_quota, {"name": "bob", "quota": "1 GB"}),
        ("perm_quota", 4, services.change_quota, {"name": "ann", "quota": "NOQUOTA"}),
        ("perm_forward", 1, services.add_alias, {"alias": "new", "line": "&x@elsewhere.example"}),
        ("perm_forward", 2, services.add_alias, {"alias": "office", "line": "&x@elsewhere.example"}),
        ("perm_forward", 2, services.remove_alias, {"alias": "office", "line": "&bob@example.com"}),
        ("perm_forward", 4, services.delete_alias, {"alias": "office"}),
        ("perm_alias", 1, services.add_alias, {"alias": "new", "line": "#"}),
        ("perm_alias", 4, services.delete_alias, {"alias": "void"}),
    ],
)
def test_masks_deny_to_others_than_the_postmaster(
    people: Any, column: str, denied: int, call: Callable[..., Any], values: dict[str, Any]
) -> None:
    services.change_quota(actor=None, domain=DOMAIN, name="ann", quota="2 GB")
    for alias, line in (("office", "&bob@example.com"), ("office", "&ann@example.com"), ("void", "#")):
        services.add_alias(actor=None, domain=DOMAIN, alias=alias, line=line)
    change_limits(actor=None, domain=DOMAIN, changes={column: denied})
    assert "only the postmaster" in refused(call, people("helper"), **values)
    change_limits(actor=None, domain=DOMAIN, changes={column: 7 & ~denied})
    call(actor=people("helper"), domain=DOMAIN, **values)


def test_masks_leave_the_postmaster_and_one_s_own_password_alone(people: Any) -> None:
    change_limits(actor=None, domain=DOMAIN, changes={"perm_account": 7, "perm_forward": 7, "perm_quota": 7})
    services.add_account(
        actor=people("postmaster"), domain=DOMAIN, name="new", password=PASSWORD, quota="1 GB"
    )
    services.add_alias(actor=people("postmaster"), domain=DOMAIN, alias="to", line="&x@elsewhere.example")
    services.change_password(actor=people("helper"), domain=DOMAIN, name="helper", password="Another.Pass2")


# --- programs and paths ---


@pytest.mark.parametrize("line", ["|/bin/true", "| /bin/true", "/tmp/Maildir/", "/tmp/mbox", "./Maildir/"])
def test_programs_and_paths_need_a_right_of_their_own(people: Any, line: str, admin: Any) -> None:
    from django.contrib.auth.models import Permission

    clerk = User.objects.create_user("clerk")
    for person in (people("postmaster"), people("helper"), clerk):
        assert "Programs and paths" in refused(services.add_alias, person, alias="new", line=line)
    clerk.user_permissions.add(Permission.objects.get(codename="add_program"))
    clerk = User.objects.get(pk=clerk.pk)
    for number, person in enumerate((clerk, admin, None)):
        services.add_alias(actor=person, domain=DOMAIN, alias=f"new{number}", line=line)


def test_a_copy_in_the_mailbox_beside_the_alias_is_no_foreign_path(people: Any, store: Store) -> None:
    own = f"{find_account(DOMAIN, 'bob').dir}/Maildir/"
    other = f"{find_account(DOMAIN, 'ann').dir}/Maildir/"
    postmaster = people("postmaster")
    services.add_alias(actor=postmaster, domain=DOMAIN, alias="bob", line=own, beside_account=True)
    assert refused(services.add_alias, postmaster, alias="bob", line=other)
    assert [line.line for line in get_alias(DOMAIN, "bob")] == [own]


def test_programs_that_others_entered_stay(people: Any) -> None:
    services.add_alias(actor=None, domain=DOMAIN, alias="robot", line="|/bin/true")
    services.add_alias(actor=None, domain=DOMAIN, alias="robot", line="&bob@example.com")
    postmaster = people("postmaster")
    assert "administrator" in refused(services.remove_alias, postmaster, alias="robot", line="|/bin/true")
    assert "administrator" in refused(services.delete_alias, postmaster, alias="robot")
    services.remove_alias(actor=postmaster, domain=DOMAIN, alias="robot", line="&bob@example.com")
