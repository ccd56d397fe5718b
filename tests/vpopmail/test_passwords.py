"""crypt(3) as vpopmail uses it, the site's policy, generated passwords."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store import Store
from tests.vpopmail.people import assign
from vpopmail import passwords, policy, schema


@pytest.mark.parametrize(
    "setting",
    ["$6$saltsalt$", "$6$rounds=1000$sixteencharsalt$", "$5$saltsalt$", "$1$saltsalt$", "ab", "$y$j9T$salt$"],
)
def test_every_method_of_crypt(setting: str) -> None:
    stored = passwords.crypt("geheim", setting)
    assert stored is not None
    assert passwords.verify("geheim", stored) and not passwords.verify("falsch", stored)
    assert passwords.verify("geheim", "{SHA512-CRYPT}" + stored), "the scheme in front does not count"
    assert not passwords.verify("geheim", "!" + stored), "locked"


@pytest.mark.parametrize(
    "stored", ["", "*", "*0", "*1", "!!", "!", "{PLAIN}geheim", "{CRYPT}", "{", "x", "geheim", "é", "$9$x"]
)
def test_what_never_matches(stored: str) -> None:
    for password in ("geheim", "", stored, "a" * 600, "nul\0"):
        assert not passwords.verify(password, stored)


@given(
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=40)
)
@settings(max_examples=25, deadline=None)
def test_round_trip(password: str) -> None:
    stored = passwords.crypt(password, "$1$saltsalt$")
    assert stored is not None and passwords.verify(password, stored)
    assert not passwords.verify(password + "x", stored)


@pytest.mark.stores("many", "old", "sqlite", "handmade")
def test_new_hashes_are_vpopmails(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    stored = passwords.make_hash("geheim")
    prefix, length = ("$1$", 34) if store.kind == "old" else ("$6$", 98)
    assert stored.startswith(prefix) and len(stored) == length
    assert len(stored.split("$")[2]) == 8
    assert stored != passwords.make_hash("geheim") and passwords.verify("geheim", stored)


@pytest.mark.stores("many")
def test_a_narrow_column_gets_md5(store: Store) -> None:
    schema.create_table("vpopmail")
    with_ = schema.schema().hash_prefix
    from tests.vpopmail.people import execute

    execute("ALTER TABLE vpopmail MODIFY pw_passwd CHAR(40)")
    schema.reset()
    assert with_ == "$6$" and passwords.make_hash("geheim").startswith("$1$")


def write_policy(store: Store, text: str) -> None:
    (store.home / "etc" / "password_strength.conf").write_text(text)


@pytest.mark.stores("sqlite")
@pytest.mark.ways("in-process", "socket")
def test_the_sites_policy(store: Store) -> None:
    passwords.check_policy("x")
    write_policy(store, "# comment\nPolicy = At least eight, please\nLength > 7\nNumeric >= 0.2 # a fifth\n")
    with pytest.raises(passwords.BadPassword, match="needs more characters. At least eight, please"):
        passwords.check_policy("1234567")
    with pytest.raises(passwords.BadPassword, match="needs more digits"):
        passwords.check_policy("abcdefgh1")
    passwords.check_policy("abcdefgh12")


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize("password", ["", "x" * 129, "with\nnewline", "nul\0", "ä" * 300])
def test_refused_without_any_policy(store: Store, password: str) -> None:
    with pytest.raises(passwords.BadPassword):
        passwords.check_policy(password)


STRONG = "Alphabet < 0.84\nUpperLower < 0.51\nNumeric > 0.08\nOther >= 0.04\nLength > 7\n"


@pytest.mark.stores("sqlite")
@pytest.mark.parametrize(
    "text", ["", "Length >= 1\n", STRONG, "Numeric = 1.00\nLength > 4\n", "Length = 10\n", "Length < 9\n"]
)
def test_generated_passwords_obey_the_policy(store: Store, text: str) -> None:
    write_policy(store, text)
    made = {passwords.generate() for _ in range(20)}
    assert len(made) == 20
    for password in made:
        passwords.check_policy(password)


@pytest.mark.stores("sqlite")
def test_a_policy_that_nothing_meets_is_said(store: Store) -> None:
    write_policy(store, "Length > 5\nAlphabet > 0.9\nNumeric > 0.9\n")
    with pytest.raises(passwords.BadPassword):
        passwords.generate()


def test_grammar_of_the_policy() -> None:
    parsed = policy.parse("length >= 3\r\nPolicy = two  words\nLength\nUpperLower <\nOther <= 0.5 ignored\n")
    assert parsed == policy.Policy({"length": (">=", 3.0), "other": ("<=", 0.5)}, "two  words")
    assert policy.parse("Length > 5\nNonsense > 3\nNumeric > 0.5\n").rules == {"length": (">", 5.0)}
    assert policy.parse("Length ! 5\n").rules == {}


@pytest.mark.parametrize(
    ("rules", "password", "allowed"),
    [
        ("UpperLower < 0.6\n", "123456", False),  # no letters at all: vpopmail compares with NaN
        ("UpperLower < 0.6\n", "AAbb", True),
        ("Alphabet = 1\n", "abc_", True),  # vpopmail takes the marks between Z and a for letters
        ("Other > 0.3\n", "aä", True),  # bytes are counted
        ("Length = 3\n", "aä", True),
    ],
)
def test_judged_as_vpopmail_does(rules: str, password: str, allowed: bool) -> None:
    assert (policy.parse(rules).judge(password) == "") == allowed
