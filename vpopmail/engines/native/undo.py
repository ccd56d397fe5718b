"""What takes a step back: inverses on a stack, run from the last to the first when a later step fails."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext as _

from vpopmail.engines.base import Incomplete, VpopmailError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Inverse:
    """`run` takes one step back, and may be run when the step did not happen. `table` is "" for files."""

    what: str
    run: Callable[[], object]
    table: str = ""


@dataclass(slots=True)
class Undo:
    """The inverses of the steps done so far."""

    stack: list[Inverse] = field(default_factory=list)

    def push(self, what: str, run: Callable[[], object], table: str = "") -> None:
        """`what` names what is left when the inverse itself fails: a noun phrase for people."""
        self.stack.append(Inverse(what, run, table))

    def forget(self, mark: int, transactional: Callable[[str], bool]) -> None:
        """Drop what a rolled back transaction has taken back by itself, of the steps since `mark`."""
        self.stack[mark:] = [
            step for step in self.stack[mark:] if not (step.table and transactional(step.table))
        ]

    def run(self, error: BaseException) -> None:
        """Take everything back. Raises Incomplete, naming what is left, when an inverse fails too."""
        left = []
        while self.stack:
            step = self.stack.pop()
            try:
                step.run()
            except (VpopmailError, DatabaseError, InterfaceError) as failure:
                logger.error("taking back failed: %s: %s", step.what, failure)
                left.append(step.what)
        if left:
            raise Incomplete(
                _("%(reason)s Not everything could be taken back; this is left: %(left)s.")
                % {"reason": reason(error), "left": ", ".join(left)}
            ) from error


def reason(error: BaseException) -> str:
    """Why a change failed, as a sentence."""
    return error.message if isinstance(error, VpopmailError) else _("The change failed.")
