"""The one exception of the helper: a code for programs, a sentence for people, details for both."""

import errno
from collections.abc import Mapping
from typing import Any

CODES = ("refused", "exists", "missing", "changed", "busy", "io", "incomplete", "gone")

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EIO: "the disk reports an input/output error",
    errno.EXDEV: "it lies on another file system",
    errno.EMFILE: "too many open files",
    errno.ENFILE: "too many open files",
    errno.ENAMETOOLONG: "the name is too long for the file system",
    errno.EMLINK: "the directory holds too many others",
    errno.ELOOP: "there is a symbolic link where none may be",
}


class HelperError(Exception):
    """A verb could not be done.

    `code` is one of CODES, `message` a sentence for people, `details` plain JSON values.
    """

    def __init__(self, code: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details: dict[str, Any] = dict(details or {})

    def __repr__(self) -> str:
        return f"HelperError({self.code!r}, {self.message!r}, {self.details!r})"

    def as_json(self) -> dict[str, Any]:
        """The `error` object of a reply."""
        return {"code": self.code, "message": self.message, "details": self.details}

    @classmethod
    def from_json(cls, error: Mapping[str, Any]) -> "HelperError":
        """The inverse of `as_json`; an unknown code is kept as it is."""
        return cls(str(error.get("code", "io")), str(error.get("message", "")), error.get("details") or {})


def refused(message: str, **details: Any) -> HelperError:
    """An argument, a state or the configuration forbids it; nothing was changed."""
    return HelperError("refused", message, details)


def missing(message: str, **details: Any) -> HelperError:
    """What the verb is about is not there."""
    return HelperError("missing", message, details)


def exists(message: str, **details: Any) -> HelperError:
    """What the verb would make is there already."""
    return HelperError("exists", message, details)


def changed(message: str, **details: Any) -> HelperError:
    """The file is not the one the caller saw."""
    return HelperError("changed", message, details)


def from_os_error(error: OSError, doing: str = "") -> HelperError:
    """An OSError in words, with the file it is about when the error names one."""
    number = error.errno or 0
    words = _WORDS.get(number) or (error.strerror or str(error)).lower()
    about = error.filename if isinstance(error.filename, str) else ""
    start = doing or (f"Could not work on {about}" if about else "The mail host's disk refused")
    return HelperError("io", f"{start}: {words}.", {"errno": errno.errorcode.get(number, ""), "file": about})
