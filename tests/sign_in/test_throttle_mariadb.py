"""The same with the panel's own tables in MariaDB, whose workers count at once: rows are locked there, not
the whole database.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from accounts.models import Guess
from tests.mariadb import MariaDB
from tests.sign_in.test_throttle import (
    limits,
    served,
    test_after_too_many_even_the_right_password_waits,
    test_all_workers_count_together,
    test_an_own_mailbox_does_not_clear_what_was_tried_on_others,
    test_callers_at_once_get_no_more_than_one_after_another,
    test_many_names_from_one_network,
    test_nobody_elsewhere_locks_a_postmaster_out,
    test_old_counts_are_removed,
    test_success_clears_ones_own_failures,
    test_trying_on_does_not_make_it_longer,
)
from tests.sign_in.test_unblock import test_a_person_is_let_in_again
from tests.store import Store

pytestmark = pytest.mark.stores("many")
__all__ = [
    "limits",
    "served",
    "test_a_person_is_let_in_again",
    "test_after_too_many_even_the_right_password_waits",
    "test_all_workers_count_together",
    "test_an_own_mailbox_does_not_clear_what_was_tried_on_others",
    "test_callers_at_once_get_no_more_than_one_after_another",
    "test_many_names_from_one_network",
    "test_nobody_elsewhere_locks_a_postmaster_out",
    "test_old_counts_are_removed",
    "test_success_clears_ones_own_failures",
    "test_trying_on_does_not_make_it_longer",
]


@pytest.fixture(scope="module")
def panel_tables(mariadb: MariaDB) -> Iterator[str]:
    """The panel's database, migrated once for all tests of this module; its name."""
    name = "vqweb_panel"
    link = mariadb.connect()
    link.cursor().execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    yield name
    link = mariadb.connect()
    link.cursor().execute(f"DROP DATABASE {name}")


@pytest.fixture
def store(make_store: Any, mariadb: MariaDB, panel_tables: str, request: pytest.FixtureRequest) -> Store:
    made: Store = make_store("many")
    made.environ["DATABASE_URL"] = mariadb.url(panel_tables)
    made.activate()
    assert connection.vendor == "mysql"
    if "auth_group" in connection.introspection.table_names():
        call_command("flush", interactive=False, verbosity=0)
    else:
        call_command("migrate", verbosity=0)
    return made


def test_the_counts_are_in_mariadb(mailboxes: Store, panel_tables: str, mariadb: MariaDB) -> None:
    from tests.sign_in.test_throttle import attempt

    attempt("nobody@example.com")
    cursor = mariadb.connect(panel_tables).cursor()
    cursor.execute("SELECT COUNT(*) FROM accounts_guess")
    assert cursor.fetchone()[0] == Guess.objects.count() == 3
    assert settings.DATABASES["default"]["ENGINE"].endswith("mysql")
