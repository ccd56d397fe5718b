"""Steps that are taken back when a later one fails."""

from collections.abc import Callable
from types import TracebackType

from mailhost.errors import HelperError, from_os_error

Undo = Callable[[], object]


class Steps:
    """Remembers how to take back what was done.

    Left by an exception, it takes back everything, last step first.

    When a step cannot be taken back, the exception becomes HelperError `incomplete`, whose details name what
    is left.
    """

    def __init__(self) -> None:
        self._undo: list[tuple[str, Undo]] = []

    def done(self, what: str, undo: Undo) -> None:
        """Remember that `what` (words for people) was done and how to take it back."""
        self._undo.append((what, undo))

    def __enter__(self) -> "Steps":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        left = [what for what, undo in reversed(self._undo) if not _succeeds(undo)]
        if left:
            reason = error if isinstance(error, HelperError) else None
            if isinstance(error, OSError):
                reason = from_os_error(error)
            message = reason.message if reason else str(error)
            text = f"{message} It could not be taken back wholly: {', '.join(left)}."
            raise HelperError("incomplete", text, {"left": left, "reason": message}) from error


def _succeeds(undo: Undo) -> bool:
    try:
        undo()
    except (OSError, HelperError):
        return False
    return True
