"""One change from its first step to its last: lock, steps, inverses, errors in the words of the contract."""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.utils.translation import gettext as _

from mailhost.errors import HelperError
from mailhost.locks import FileLock
from mailhost.verbs import VERBS
from vpopmail import helper, underway
from vpopmail.database import connection, rows
from vpopmail.engines.base import Incomplete, Outcome, Unavailable, VpopmailError
from vpopmail.engines.native import errors, sql
from vpopmail.engines.native.undo import Undo, reason
from vpopmail.router import DATABASE

LOCK_TIMEOUT = 10  # seconds
# Seconds. MariaDB notices a moment later that a process has died, and only then gives its lock back.
RECOVERY_PATIENCE = 2


class Work:
    """The change under way. `entry` is the journal's id, given to every call of the helper."""

    def __init__(self, entry: str) -> None:
        self.entry = entry
        self.undo = Undo()
        self.warnings: list[str] = []
        self.notes = 0
        self.unsure = False  # may the helper have done something that nobody here knows of?

    def note(self, kind: str, /, **data: Any) -> None:
        """Write down what is about to be done, for whoever settles it should this process die."""
        underway.note(self.entry, kind, **data)
        self.notes += 1

    def call(self, verb: str, **args: Any) -> dict[str, Any]:
        """One verb of the helper; its warnings go into the outcome."""
        return self._call(verb, self.entry, args)

    def call_as(self, entry: str, verb: str, **args: Any) -> dict[str, Any]:
        """A verb under an id of its own, which the helper remembers like an entry's."""
        return self._call(verb, entry, args)

    def _call(self, verb: str, entry: str, args: dict[str, Any]) -> dict[str, Any]:
        try:
            result = helper.call(verb, entry=entry, **args)
        except Incomplete:
            self.unsure = True
            raise
        except Unavailable as error:
            if not _is_gone(error):
                raise
            result = self._call_again(verb, entry, args, error)
        self.warnings += result.get("warnings", [])
        return result

    def _call_again(self, verb: str, entry: str, args: dict[str, Any], first: Unavailable) -> dict[str, Any]:
        """The helper finishes what it has begun and answers the same request of an entry from memory. If it
        died instead, recovery clears away what is half written, however this change ends."""
        underway.keep(self.entry)
        try:
            return helper.call(verb, entry=entry, **args)
        except VpopmailError as second:
            self.unsure |= VERBS[verb].change and (_has_begun(first) or _has_begun(second))
            raise

    def takes_back(self, what: str, verb: str, **args: Any) -> None:
        """Name the helper's verb that is the inverse of the step just done."""
        self.undo.push(what, lambda: helper.call(verb, entry=self.entry, **args))

    def takes_back_rows(self, table: str, run: Callable[[], object]) -> None:
        """The inverse of a statement just done; dropped when a rollback takes the statement back."""
        self.undo.push(_("rows of the table %(table)s") % {"table": table}, run, table)

    @contextmanager
    def rows(self) -> Iterator[None]:
        """A transaction. Inverses named inside are kept after its commit, and those of tables without
        transactions anyway."""
        mark, committing = len(self.undo.stack), False
        try:
            with transaction.atomic(using=DATABASE, durable=True):
                yield
                committing = True
        except BaseException as error:
            # A commit whose answer was lost may have happened: then every inverse runs, and finds out.
            if not (committing and errors.is_lost(error)):
                self.undo.forget(mark, _transactional)
            raise

    def outcome(self, **found: Any) -> Outcome:
        return Outcome(warnings=tuple(self.warnings), **found)


def _is_gone(error: Unavailable) -> bool:
    """Did the helper end, or the way to it, before it answered?"""
    return isinstance(error.__cause__, HelperError) and error.__cause__.code == "gone"


def _has_begun(error: VpopmailError) -> bool:
    """May the helper have begun before it was gone?"""
    cause = error.__cause__
    return isinstance(cause, HelperError) and cause.code == "gone" and cause.details.get("begun", True)


def _transactional(table: str) -> bool:
    try:
        return sql.is_transactional(table)
    except (DatabaseError, InterfaceError):
        return True  # the database is gone, and what it had not committed with it


@contextmanager
def work(*names: str, entry: str = "", patience: float | None = None) -> Iterator[Work]:
    """A change of the domains `names` (real ones and aliases): nobody else's engine changes them meanwhile.

    `patience` is how many seconds recovery waits for a lock; others wait LOCK_TIMEOUT.

    When a step fails, everything earlier is taken back and the error goes on upwards; Incomplete when that
    fails, or when the helper was gone in the middle of the step.
    """
    job = Work(entry or uuid.uuid4().hex)
    with ExitStack() as locks:
        for name in sorted({lock_name(name) for name in names}):
            locks.enter_context(_locked(name, LOCK_TIMEOUT if patience is None else patience))
        locks.enter_context(helper.session())
        try:
            yield job
        except BaseException as error:
            job.undo.run(told := _told(error))
            if job.unsure:
                raise _in_doubt(told) from error
            if patience is None:
                job.note("taken_back", notes=job.notes)
            raise


def _in_doubt(error: BaseException) -> Incomplete:
    return Incomplete(
        _("%(reason)s How far the mail host came is not known; recovery looks, and settles it.")
        % {"reason": reason(error)}
    )


def _told(error: BaseException) -> BaseException:
    return errors.translate(error) if isinstance(error, DatabaseError | InterfaceError) else error


def lock_name(domain: str) -> str:
    """Domains that would share a table share a lock. At most 64 characters, as MySQL wants."""
    database = str(connection().settings_dict["NAME"])
    munged = domain.replace(".", "_").replace("-", "_")
    return "vqweb." + hashlib.sha256(f"{database} {munged}".encode()).hexdigest()[:40]


@contextmanager
def _locked(name: str, timeout: float) -> Iterator[None]:
    """MariaDB's advisory lock; on SQLite, whose panel and store have one owner, a lock file in the panel's
    state."""
    if not sql.is_sqlite():
        with _advisory_lock(name, timeout):
            yield
        return
    path = settings.VQWEB_STATE / "locks" / name
    lock = FileLock(str(path), timeout, what=_("this domain"))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with helper.translating():
            lock.acquire()
    except OSError as error:
        raise Unavailable(
            _("The panel cannot write its own state (%(reason)s).") % {"reason": error.strerror}
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _advisory_lock(name: str, timeout: float) -> Iterator[None]:
    if rows("SELECT GET_LOCK(%s, %s)", [name, timeout])[0][0] != 1:
        raise Unavailable(_("Somebody else is changing this domain at the moment. Try again."))
    try:
        yield
    finally:
        try:
            rows("SELECT RELEASE_LOCK(%s)", [name])
        except (DatabaseError, InterfaceError):
            with suppress(DatabaseError, InterfaceError):
                connection().close()  # which gives the lock back as well
