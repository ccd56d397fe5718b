"""accounts.services.add_alias, remove_alias and delete_alias."""

from typing import Any

import pytest

from accounts import services
from audit.models import Entry
from domains.services import change_limits
from tests.store import Store
from vpopmail.aliases import get_alias
from vpopmail.engines.base import NotFound, Refused

pytestmark = pytest.mark.stores("sqlite", "many", "clear")


def add(alias: str, line: str = "&anna@elsewhere.example", actor: Any = None, **more: Any) -> Any:
    return services.add_alias(actor=actor, domain="example.com", alias=alias, line=line, **more)


def test_one_of_several_lines_by_its_id(store: Store, domain: str) -> None:
    add("sales")
    add("sales", "&berta@elsewhere.example")
    row = get_alias(domain, "sales")[0]
    services.remove_alias(actor=None, domain=domain, alias="sales", line=row.line, id=row.id)
    assert [line.line for line in get_alias(domain, "sales")] == ["&berta@elsewhere.example"]
    with pytest.raises(NotFound):
        services.remove_alias(actor=None, domain=domain, alias="sales", line=row.line, id=row.id)


def test_a_line_that_is_there_already(store: Store, domain: str) -> None:
    add("sales")
    before = Entry.objects.count()
    with pytest.raises(Refused) as refused:
        add("sales", "  &anna@elsewhere.example")
    assert refused.value.field == "line" and Entry.objects.count() == before


def test_forwards_and_aliases_are_counted_by_name(store: Store, domain: str, clerk: Any) -> None:
    change_limits(actor=None, domain=domain, changes={"maxforwards": 1, "maxaliases": 1})
    assert add("sales", actor=clerk).warnings == ()
    assert add("sales", "&berta@elsewhere.example", clerk).warnings == ()
    with pytest.raises(Refused, match="1 forward,"):
        add("info", actor=clerk)
    assert add("nothing", "#", clerk).warnings == ()
    with pytest.raises(Refused, match="1 alias,"):
        add("more", "#", clerk)
    assert "1 forward," in add("info").warnings[0]


def test_the_last_line_takes_the_alias_with_it(store: Store, domain: str) -> None:
    add("sales")
    services.remove_alias(actor=None, domain=domain, alias="sales", line="&anna@elsewhere.example")
    assert get_alias(domain, "sales") == []
    with pytest.raises(NotFound):
        services.delete_alias(actor=None, domain=domain, alias="sales")
