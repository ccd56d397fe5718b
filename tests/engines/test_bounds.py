"""The limits of a domain hold under its lock: callers at once cannot exceed them together."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from tests.engines.cast import account, add_domain, names
from tests.store import Store
from vpopmail import bounds
from vpopmail.aliases import aliases_of
from vpopmail.engines import get_engine
from vpopmail.engines.base import Refused

CALLERS = 4


def _at_once(call: Callable[[int], object]) -> list[Exception]:
    """The same call by several threads; what they raised."""
    start, errors = threading.Barrier(CALLERS), []

    def run(number: int) -> None:
        try:
            start.wait(60)
            call(number)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    return errors


def _limit(**values: int) -> None:
    get_engine().vmoddomlimits("example.com", values)


def _alias_names() -> list[str]:
    return [alias.name for alias in aliases_of("example.com").rows]


@pytest.mark.stores("sqlite", "many", "perdomain", "handmade")
def test_callers_at_once_share_the_last_account(store: Store) -> None:
    add_domain()
    _limit(maxpopaccounts=3)
    errors = _at_once(lambda n: get_engine().vadduser("example.com", account(f"user{n}"), bound=True))
    assert [type(error) for error in errors] == [Refused] * (CALLERS - 2)
    assert len(names(store)) == 3
    batch = [account("one"), account("two")]
    with pytest.raises(Refused, match="may have 3 accounts"):
        get_engine().vaddusers("example.com", batch, bound=True)
    get_engine().vadduser("example.com", account("more"))
    assert len(names(store)) == 4


@pytest.mark.stores("sqlite", "many", "perdomain")
def test_callers_at_once_share_the_last_forward(store: Store) -> None:
    add_domain()
    _limit(maxforwards=2, maxaliases=0)

    def insert(number: int) -> None:
        get_engine().valias_insert("example.com", f"alias{number}", "&a@elsewhere.example", bound=True)

    errors = _at_once(insert)
    assert [type(error) for error in errors] == [Refused] * (CALLERS - 2)
    assert len(_alias_names()) == 2
    (first, _second) = _alias_names()
    get_engine().valias_insert("example.com", first, "&b@elsewhere.example", bound=True)
    with pytest.raises(Refused, match="may have 0 aliases"):
        get_engine().valias_insert("example.com", "void", "#", bound=True)


@pytest.mark.stores("sqlite")
def test_what_becomes_another_kind_of_alias_counts_as_that(store: Store) -> None:
    add_domain()
    engine = get_engine()
    engine.valias_insert("example.com", "void", "#")
    engine.valias_insert("example.com", "office", "&a@elsewhere.example")
    engine.valias_insert("example.com", "office", "#")
    _limit(maxforwards=1, maxaliases=1)
    with pytest.raises(Refused, match="may have 1 forward,"):
        engine.valias_insert("example.com", "void", "&a@elsewhere.example", bound=True)
    with pytest.raises(Refused, match="may have 1 alias,"):
        engine.valias_remove("example.com", "office", "&a@elsewhere.example", bound=True)
    engine.valias_remove("example.com", "office", "#", bound=True)
    assert bounds.names_used("example.com") == {"maxforwards": 1, "maxaliases": 1}
    engine.valias_remove("example.com", "office", "&a@elsewhere.example", bound=True)
    assert bounds.names_used("example.com") == {"maxforwards": 0, "maxaliases": 1}


@pytest.mark.stores("sqlite", "many")
def test_autoresponders_and_lists_have_limits_of_their_own(store: Store) -> None:
    add_domain()
    engine, directory = get_engine(), store.directory("example.com")
    engine.valias_insert(
        "example.com", "away", f"|/usr/bin/autorespond 1 5 {directory}/AWAY/message {directory}/AWAY"
    )
    engine.valias_insert("example.com", "away", "&owner@elsewhere.example")
    engine.valias_insert("example.com", "talk", f"|/usr/local/bin/ezmlm/ezmlm-send {directory}/talk")
    assert bounds.names_used("example.com") == {"maxforwards": 0, "maxaliases": 0}
    _limit(maxforwards=1, maxaliases=1)
    engine.valias_insert("example.com", "office", "&a@elsewhere.example", bound=True)
    engine.valias_insert("example.com", "void", "#", bound=True)
    for name, line in (("more", "&a@elsewhere.example"), ("none", "#")):
        with pytest.raises(Refused, match="would now have more"):
            engine.valias_insert("example.com", name, line, bound=True)
