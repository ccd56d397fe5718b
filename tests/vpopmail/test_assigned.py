"""The domains of users/assign: real ones, alias domains, pages, search, and the cache."""

import time

import pytest

from tests.store import Store
from tests.vpopmail.people import assign
from vpopmail import assigned, helper


@pytest.mark.stores("sqlite")
@pytest.mark.ways("in-process", "command", "socket")
def test_domains_and_alias_domains(store: Store) -> None:
    assign(store, ("b.test", "b.test"), ("a.test", "a.test"), ("z.test", "b.test"), ("y.test", "b.test"))
    known = assigned.domains()
    assert list(known.real_domains) == ["a.test", "b.test"]
    assert [d.name for d in known.alias_domains] == ["y.test", "z.test"]
    assert known.aliases_of("b.test") == ["y.test", "z.test"] and known.aliases_of("a.test") == []
    assert len(known) == 2
    alias = known.get("z.test")
    assert alias is not None and alias.is_alias and alias.real == "b.test"
    assert alias.directory == str(store.directory("b.test"))
    assert known.get("nobody.test") is None
    real = known.real("z.test")
    assert real is not None and real.name == "b.test" and not real.is_alias


@pytest.mark.stores("sqlite")
def test_no_file_is_a_server_without_domains(store: Store) -> None:
    (store.qmail / "users" / "assign").unlink(missing_ok=True)
    assert len(assigned.domains()) == 0


@pytest.mark.stores("sqlite")
def test_parsed_once_until_the_file_changes(store: Store) -> None:
    assign(store, ("a.test", "a.test"))
    first = assigned.domains()
    assert assigned.domains() is first
    text = store.control("assign")
    new = store.qmail / "users" / "assign.new"
    new.write_text(text.replace("+a.test-:a.test", "+b.test-:b.test"))
    new.rename(store.qmail / "users" / "assign")
    assert list(assigned.domains().real_domains) == ["b.test"]


def test_pages_and_search() -> None:
    lines = [f"+d{n:03}.test-:d{n:03}.test:89:89:/v/d{n:03}.test:-::\n" for n in range(120)]
    lines.append("+special.example-:d005.test:89:89:/v/d005.test:-::\n")
    known = assigned.Assigned("".join([*lines, ".\n"]))
    page, more = known.real_page(limit=50)
    assert page[0] == "d000.test" and len(page) == 50 and more
    page, more = known.real_page(after="d099.test", limit=50)
    assert page[0] == "d100.test" and len(page) == 20 and not more
    assert known.real_page(contains="11")[0] == ["d011.test", *(f"d11{n}.test" for n in range(10))]
    assert known.real_page(contains="special")[0] == ["d005.test"], "found by its alias domain"
    assert [d.name for d in known.alias_page(contains="d005")[0]] == ["special.example"]
    assert [d.name for d in known.starting_with("d01", 3)] == ["d010.test", "d011.test", "d012.test"]
    assert [d.name for d in known.starting_with("spec")] == ["special.example"]


@pytest.mark.stores("sqlite")
def test_twenty_thousand_domains_stay_fast(store: Store) -> None:
    names = [f"domain{n}.example" for n in range(20_000)]
    lines = [f"+{name}-:{name}:89:89:/v/domains/{name}:-::\n" for name in names]
    (store.qmail / "users" / "assign").write_text("".join([*lines, ".\n"]))
    assigned.reset()
    start = time.perf_counter()
    known = assigned.domains()
    first = time.perf_counter() - start
    start = time.perf_counter()
    for _ in range(20):
        assert assigned.domains() is known
    again = (time.perf_counter() - start) / 20
    start = time.perf_counter()
    known.real_page(after="domain5", contains="999")
    assert first < 3 and again < 0.02 and time.perf_counter() - start < 0.1
    assert len(known) == 20_000


@pytest.mark.stores("sqlite")
def test_helper_gone_is_unavailable(store: Store) -> None:
    from django.conf import settings

    from vpopmail.engines.base import Unavailable

    settings.VPOPMAIL_HELPER = f"unix:{store.root}/nothing.sock"
    helper.reset()
    with pytest.raises(Unavailable):
        assigned.domains()
