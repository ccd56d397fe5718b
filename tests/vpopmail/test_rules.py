"""What is refused before a change, with the field it belongs to, and nothing changed."""

import pytest

from tests.store import Store
from tests.vpopmail.people import accounts, alias, assign, dotqmail, execute
from vpopmail import rules, schema
from vpopmail.engines.base import NotFound, VpopmailError

ALL = ("sqlite", "many", "perdomain")


def refusal(check: object, *args: object, **kwargs: object) -> VpopmailError:
    with pytest.raises(VpopmailError) as caught:
        check(*args, **kwargs)  # type: ignore[operator]
    assert caught.value.message.endswith((".", "!"))
    return caught.value


@pytest.fixture
def two(store: Store) -> Store:
    assign(store, ("example.com", "example.com"), ("a-b.com", "a-b.com"), ("alias.net", "example.com"))
    accounts(store, "example.com", ["alice", "postmaster"])
    return store


@pytest.mark.stores(*ALL)
@pytest.mark.parametrize(
    "name",
    [
        "",
        "x",
        "nodot",
        "-a.com",
        "a..com",
        "a.com.",
        ".a.com",
        "a b.com",
        "a_b.com",
        "ü.com",
        "A.com",
        "a/b.com",
    ]
    + ["a\n.com", "a.c", "x" * 93 + ".com", "../a.com"],
)
def test_no_domain_names(store: Store, name: str) -> None:
    assert refusal(rules.check_new_domain, name).field == "domain"
    assign(store, ("example.com", "example.com"))
    assert refusal(rules.check_new_alias_domain, "example.com", name).field == "alias"


@pytest.mark.stores(*ALL)
def test_domains_that_exist(two: Store) -> None:
    assert "exists already" in refusal(rules.check_new_domain, "example.com").message
    assert "alias domain of example.com" in refusal(rules.check_new_domain, "alias.net").message
    for alias_name in ("a-b.com", "alias.net", "example.com"):
        assert refusal(rules.check_new_alias_domain, "example.com", alias_name).field == "alias"
    error = refusal(rules.check_new_alias_domain, "nowhere.org", "new.org")
    assert isinstance(error, NotFound) and error.field == "real"
    rules.check_new_domain("new.org")
    rules.check_new_alias_domain("example.com", "new.org")
    rules.check_new_alias_domain("alias.net", "new.org")


@pytest.mark.stores("perdomain")
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.b.com", "a-b.com already uses the table a_b_com"),
        ("dir.control", "vpopmail’s own"),
        ("dir-control.x" * 6 + ".com", "at most 64"),
        ("ip-alias.map", "vpopmail’s own"),
        ("ip.alias.map", "vpopmail’s own"),
        ("1e5.com", "like a number"),
        ("5e5e5.com", "like a number"),
        ("left.over", "belongs to no domain"),
    ],
)
def test_names_of_tables(two: Store, name: str, reason: str) -> None:
    execute("CREATE TABLE left_over (pw_name VARCHAR(64) PRIMARY KEY)")
    error = refusal(rules.check_new_domain, name)
    assert reason in error.message and error.field == "domain"


@pytest.mark.stores("perdomain")
@pytest.mark.parametrize("name", ["0x1f.com", "12e.com", "0b1.com", "1e-5.com", "123.45", "1a.com"])
def test_names_that_only_look_like_numbers(two: Store, name: str) -> None:
    rules.check_new_domain(name)


@pytest.mark.stores("many", "sqlite")
def test_one_table_for_all_knows_no_collisions(two: Store) -> None:
    for name in ("a.b.com", "dir.control", "1e5.com"):
        rules.check_new_domain(name)


@pytest.mark.stores("perdomain")
def test_a_table_dropped_a_moment_ago_is_free(two: Store) -> None:
    schema.create_table("gone_net")
    assert schema.schema().has_table("gone_net")
    execute("DROP TABLE gone_net")
    rules.check_new_domain("gone.net")


@pytest.mark.stores(*ALL)
@pytest.mark.parametrize(
    "name",
    [
        "",
        "x",
        "a b",
        "a/b",
        "..",
        ".",
        "-x",
        "Bob",
        "bøb",
        "a\tb",
        "a\0b",
        "a@b",
        "a%b",
        "x" * 33,
        ".qmail-x",
    ],
)
def test_no_names_of_accounts(two: Store, name: str) -> None:
    assert refusal(rules.check_new_account, "example.com", name).field == "name"


@pytest.mark.stores(*ALL)
def test_names_that_are_free(two: Store) -> None:
    for name in ("bob", "a'b", "a$b", ".dot", "a..b", "0a", "maildir", "x" * 32):
        rules.check_new_account("example.com", name)
    rules.check_new_account("alias.net", "bob")


@pytest.mark.stores(*ALL)
def test_accounts_that_exist(two: Store) -> None:
    for domain in ("example.com", "alias.net"):
        error = refusal(rules.check_new_account, domain, "alice")
        assert "alice@example.com exists" in error.message
    rules.check_new_account("a-b.com", "alice")
    assert refusal(rules.check_new_account, "nowhere.org", "bob").field == "domain"


@pytest.mark.stores(*ALL)
def test_names_that_a_mailing_list_takes(two: Store) -> None:
    dotqmail(two, "example.com", "news", "|/usr/bin/ezmlm/ezmlm-send '/x/news'")
    dotqmail(two, "example.com", "news-default", "|/usr/bin/ezmlm/ezmlm-manage '/x/news'")
    for name in ("news-fans", "news-a-b"):
        error = refusal(rules.check_new_account, "alias.net", name)
        assert "news-default@example.com" in error.message and error.field == "name"
        rules.check_new_account("example.com", name, beside_alias=True)
    for name in ("newsfans", "the-news", "a-b"):
        rules.check_new_account("example.com", name)


@pytest.mark.stores("sqlite", "many", "perdomain", "clear", "old")
def test_an_alias_of_that_name(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    if store.kind != "clear":
        alias("example.com", "info", "&bob@example.com")
    else:
        dotqmail(store, "example.com", "info", "&bob@example.com")
    dotqmail(store, "example.com", "team.list", "|/ezmlm/bin/ezmlm-send x")
    for name in ("info", "team.list"):
        error = refusal(rules.check_new_account, "example.com", name)
        assert "alias" in error.message and error.field == "name"
        rules.check_new_account("example.com", name, beside_alias=True)


@pytest.mark.stores("many", "sqlite")
def test_many_names_with_few_queries(two: Store) -> None:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    names = [f"user{number}" for number in range(400)]
    rules.check_new_accounts("example.com", names)
    with CaptureQueriesContext(connections["vpopmail"]) as queries:
        rules.check_new_accounts("example.com", names)
    assert len(queries) <= 4
    assert "twice" in refusal(rules.check_new_accounts, "example.com", ["bob", "carl", "bob"]).message
    assert "alice" in refusal(rules.check_new_accounts, "example.com", [*names, "alice"]).message


@pytest.mark.stores("many")
def test_one_letter_without_hash_directories(two: Store) -> None:
    header = two.home / "include" / "vpopmail_config.h"
    header.write_text(header.read_text().replace("#define USERS_BIG_DIR 1\n", ""))
    schema.reset()
    rules.check_new_account("example.com", "x")


@pytest.mark.stores("many", "sqlite")
def test_paths_that_are_too_long(store: Store) -> None:
    domain = "x" * 60 + ".example.com"
    long_directory = store.home / "domains" / ("y" * 60) / domain
    text = f"+{domain}-:{domain}:89:89:{long_directory}:-::\n.\n"
    (store.qmail / "users" / "assign").write_text(text)
    from vpopmail import assigned

    assigned.reset()
    name = "n" * min(32, max(2, 161 - len(str(long_directory)) - 1))
    if len(f"{long_directory}/{name}") > 160:
        assert "path" in refusal(rules.check_new_account, domain, name).message


@pytest.mark.stores("many", "old", "perdomain")
def test_display_names(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    schema.ensure_table(schema.schema().user_table("example.com"))
    rules.check_gecos("example.com", "Zoë Müller – €")
    for gecos in ("a:b", "line\nbreak", "x" * (49 if store.kind == "old" else 65), "Łukasz", "名前"):
        assert refusal(rules.check_gecos, "example.com", gecos).field == "gecos"


@pytest.mark.stores("old", "many")
def test_hashes_that_do_not_fit(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    schema.ensure_table("vpopmail")
    if store.kind == "old":
        assert refusal(rules.check_hash, "example.com", "x" * 98).field == "password"
    else:
        rules.check_hash("example.com", "x" * 98)


@pytest.mark.stores("sqlite", "many", "perdomain", "clear", "old")
@pytest.mark.parametrize(
    ("name", "line", "field"),
    [
        ("", "&a@b.net", "alias"),
        ("-x", "&a@b.net", "alias"),
        ("a/b", "&a@b.net", "alias"),
        ("Info", "&a@b.net", "alias"),
        ("default", "&a@b.net", "alias"),
        ("info", "", "line"),
        ("info", "nobody", "line"),
        ("info", "&a@b.net\n|evil", "line"),
        ("info", "|", "line"),
        ("info", "info@example.com", "line"),
        ("info", "&INFO@example.com", "line"),
        ("info", "&info@alias.net", "line"),
    ],
)
def test_alias_lines(store: Store, name: str, line: str, field: str) -> None:
    assign(store, ("example.com", "example.com"), ("alias.net", "example.com"))
    assert refusal(rules.check_new_alias_line, "example.com", name, line).field == field


@pytest.mark.stores("many", "old", "perdomain", "sqlite")
def test_alias_names_the_table_cannot_hold(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    rules.check_new_alias_line("example.com", "x" * 32, "&a@b.net")
    rules.check_new_alias_line("example.com", "x", "&a@b.net")
    assert refusal(rules.check_new_alias_line, "example.com", "x" * 33, "&a@b.net").field == "alias"


@pytest.mark.stores("sqlite", "many", "clear")
def test_circles(store: Store) -> None:
    assign(store, ("example.com", "example.com"), ("other.net", "other.net"), ("alias.net", "example.com"))
    make = dotqmail if store.kind == "clear" else lambda _store, *args: alias(*args)
    make(store, "example.com", "one", "&two@other.net", "&out@far.example")
    make(store, "other.net", "two", "three@alias.net")
    assert "circle" in refusal(rules.check_new_alias_line, "example.com", "three", "&one@example.com").message
    rules.check_new_alias_line("example.com", "three", "&alice@example.com")
    rules.check_new_alias_line("other.net", "three", "&one@example.com")


@pytest.mark.stores("many")
def test_circles_that_are_there_already_end(store: Store) -> None:
    assign(store, ("example.com", "example.com"))
    alias("example.com", "a1", "&b1@example.com")
    alias("example.com", "b1", "&a1@example.com")
    rules.check_new_alias_line("example.com", "new", "&a1@example.com")
