"""vmoddomlimits: by column name in SQL, byte for byte in files; what is not named stays."""

import os

import pytest

from mailhost import limitsfile
from tests.engines.cast import KINDS, add_domain, execute, fail_at_every_step
from tests.store import Store
from vpopmail.engines import get_engine
from vpopmail.engines.base import Changed, NotFound, Refused
from vpopmail.engines.native import limits

EVERY = (
    {name: number for number, name in enumerate(limitsfile.COUNTS, 1)}
    | dict.fromkeys(limitsfile.SWITCHES, 1)
    | {name: number for number, name in enumerate(limitsfile.PERMISSIONS, 1)}
)


def _stored(store: Store) -> dict[str, int] | None:
    if store.kind in ("sqlite", "clear"):
        path = store.directory("example.com") / ".qmailadmin-limits"
        return limitsfile.parse(path.read_text()) if path.exists() else None
    found = store.rows("SELECT * FROM limits WHERE domain = 'example.com'")
    return {name: value for name, value in found[0].items() if name != "domain"} if found else None


@pytest.mark.stores("sqlite", "many", "perdomain")
@pytest.mark.ways("in-process", "command", "socket")
def test_what_is_not_named_stays(store: Store) -> None:
    add_domain()
    get_engine().vmoddomlimits("example.com", {"maxaliases": 3, "disable_pop": 1})
    assert _stored(store) == limitsfile.DEFAULTS | {"maxaliases": 3, "disable_pop": 1}
    get_engine().vmoddomlimits("example.com", {"perm_quota": 5})
    assert _stored(store) == limitsfile.DEFAULTS | {"maxaliases": 3, "disable_pop": 1, "perm_quota": 5}


@pytest.mark.stores(*KINDS)
def test_every_column_under_its_own_name(store: Store) -> None:
    add_domain()
    get_engine().vmoddomlimits("example.com", EVERY)
    assert _stored(store) == EVERY


@pytest.mark.stores("sqlite", "clear")
def test_the_file_belongs_to_the_domain_at_once(store: Store) -> None:
    add_domain()
    get_engine().vmoddomlimits("example.com", {"maxaliases": 3})
    status = (store.directory("example.com") / ".qmailadmin-limits").stat()
    assert status.st_mode & 0o777 == 0o600
    assert status.st_uid == int(store.environ["VPOPMAIL_UID"])


def test_a_domain_without_limits_begins_with_the_default(store: Store) -> None:
    add_domain()
    default = store.home / "etc/vlimits.default"
    default.write_text("maxpopaccounts: 7\ndefault_quota: 99\n")
    if os.geteuid() == 0:
        os.chown(default, 89, 89)
    get_engine().vmoddomlimits("example.com", {"maxaliases": 3})
    assert _stored(store) == limitsfile.DEFAULTS | {"maxpopaccounts": 7, "defaultquota": 99, "maxaliases": 3}


def test_by_the_alias_domains_name(store: Store) -> None:
    add_domain()
    get_engine().vaddaliasdomain("example.com", "alias.example")
    get_engine().vmoddomlimits("alias.example", {"maxaliases": 3})
    assert _stored(store) == limitsfile.DEFAULTS | {"maxaliases": 3}


@pytest.mark.stores(*KINDS)
def test_deleting_is_quiet_when_there_are_none(store: Store) -> None:
    add_domain()
    get_engine().vdellimits("example.com")
    get_engine().vmoddomlimits("example.com", {"maxaliases": 3})
    get_engine().vdellimits("example.com")
    assert _stored(store) is None


def test_unknown_limits_and_domains(store: Store) -> None:
    add_domain()
    with pytest.raises(Refused) as refusal:
        get_engine().vmoddomlimits("example.com", {"maxnonsense": 3})
    assert refusal.value.field == "maxnonsense"
    with pytest.raises(NotFound):
        get_engine().vmoddomlimits("nowhere.example", {"maxaliases": 3})
    assert _stored(store) is None


@pytest.mark.stores("many", "perdomain")
def test_a_number_too_great_for_its_column(store: Store) -> None:
    add_domain()
    with pytest.raises(Refused):
        get_engine().vmoddomlimits("example.com", {"perm_maillist": 300})
    assert _stored(store) is None


@pytest.mark.stores("many")
def test_columns_that_an_old_table_lacks_are_refused_and_others_work(store: Store) -> None:
    add_domain()
    execute("ALTER TABLE limits DROP COLUMN disable_maildrop")
    from vpopmail import schema

    schema.reset()
    get_engine().vmoddomlimits("example.com", {"maxaliases": 3})
    with pytest.raises(Refused):
        get_engine().vmoddomlimits("example.com", {"disable_maildrop": 1})


@pytest.mark.stores("many", "handmade")
def test_what_others_changed_meanwhile_is_not_overwritten(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_domain()
    get_engine().vmoddomlimits("example.com", {"maxaliases": 3})
    read = limits._read_row
    monkeypatch.setattr(limits, "_read_row", lambda domain: (read(domain) or {}) | {"maxaliases": 2})
    with pytest.raises(Changed):
        get_engine().vmoddomlimits("example.com", {"maxaliases": 9})
    assert (_stored(store) or {})["maxaliases"] == 3


@pytest.mark.stores(*KINDS)
@pytest.mark.parametrize("change", ["first", "second", "delete"])
def test_a_failure_at_any_step_leaves_the_old_limits(store: Store, change: str) -> None:
    add_domain()
    engine = get_engine()
    if change != "first":
        engine.vmoddomlimits("example.com", {"maxaliases": 3})
    changes = {
        "first": lambda: engine.vmoddomlimits("example.com", {"maxaliases": 5}),
        "second": lambda: engine.vmoddomlimits("example.com", {"maxaliases": 5}),
        "delete": lambda: engine.vdellimits("example.com"),
    }
    assert fail_at_every_step(store, changes[change]) > 1
    assert (_stored(store) or {}).get("maxaliases") == (None if change == "delete" else 5)
