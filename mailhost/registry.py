"""The fixed list of verbs: how one is declared, checked, locked, done once, remembered, and answered."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mailhost import qmail
from mailhost.arguments import REQUIRED, Check, check_all
from mailhost.config import Config
from mailhost.errors import HelperError, from_os_error, refused
from mailhost.home import Call, read_assign
from mailhost.locks import all_of
from mailhost.names import BadName, check_entry
from mailhost.state import State

log = logging.getLogger("mailhost")

Result = dict[str, Any]
Args = Mapping[str, Any]


class Function(Protocol):
    """A verb's function: the call, then the checked arguments by keyword."""

    def __call__(self, call: Call, **args: Any) -> Result: ...


@dataclass(frozen=True)
class Verb:
    """One verb. Changes lock their real domains and are remembered under `subject`.

    `still` says whether that still holds.
    """

    name: str
    group: str
    function: Function
    arguments: dict[str, tuple[Check, Any]]
    change: bool
    subject: Callable[[Args], str] | None
    still: Callable[[Call, Args], bool] | None


VERBS: dict[str, Verb] = {}


def verb(
    group: str,
    *,
    change: bool = False,
    subject: Callable[[Args], str] | None = None,
    still: Callable[[Call, Args], bool] | None = None,
    **arguments: Check | tuple[Check, Any],
) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Declare a verb; arguments are checks, or pairs of check and default."""
    spec = {
        name: check if isinstance(check, tuple) else (check, REQUIRED) for name, check in arguments.items()
    }

    def declare(function: Callable[..., Result]) -> Callable[..., Result]:
        name = getattr(function, "__name__", "")
        VERBS[name] = Verb(name, group, function, spec, change, subject, still)
        return function

    return declare


def perform(config: Config, state: State, request: Any, isolated: bool) -> Result:
    """Do one request and return its result; raises HelperError, nothing else."""
    verb, entry, args = _understand(config, request)
    call = Call(config, state, entry, isolated)
    outcome = "ok"
    try:
        return _do(verb, call, args)
    except HelperError as error:
        outcome = error.code
        raise
    except OSError as error:
        outcome = "io"
        raise from_os_error(error) from error
    except RecursionError as error:
        outcome = "io"
        raise HelperError("io", "Directories are nested too deeply.") from error
    finally:
        _log(verb, entry, args, outcome)


def _log(verb: Verb, entry: str, args: Args, outcome: str) -> None:
    """One line per change, per call with an entry, and per refusal.

    The many plain reads only when debugging.
    """
    about = args.get("domain") or " ".join(args.get("domains", ())) or args.get("name", "")
    level = logging.INFO if verb.change or entry or outcome != "ok" else logging.DEBUG
    log.log(level, "%s %s entry=%s: %s", verb.name, about, entry or "-", outcome)


def _understand(config: Config, request: Any) -> tuple[Verb, str, Args]:
    if not isinstance(request, dict) or set(request) - {"entry", "verb", "args"}:
        raise refused("A request is an object with entry, verb and args.")
    name, entry = request.get("verb"), request.get("entry", "")
    found = VERBS.get(name) if isinstance(name, str) else None
    if found is None:
        raise refused(f"There is no verb {str(name)[:60]!r}.")
    if found.group not in config.groups:
        raise refused(f"The mail host does not allow the verb {found.name} (group {found.group}).")
    try:
        entry = check_entry(entry) if isinstance(entry, str) else check_entry("-")
    except BadName as error:
        raise refused(str(error)) from error
    return found, entry, check_all(found.arguments, request.get("args", {}))


def _do(verb: Verb, call: Call, args: Args) -> Result:
    if not verb.change:
        return verb.function(call, **args)
    names = sorted(_real_domains(call, args))
    with all_of([call.state.lock_domain(name, call.config.lock_timeout) for name in names]):
        if not call.entry:
            return verb.function(call, **args)
        request = json.dumps([verb.name, args], sort_keys=True)
        subject = verb.subject(args) if verb.subject else request
        known = call.state.recall(call.entry, subject, request)
        if known is not None and (verb.still is None or verb.still(call, args)):
            return known
        result = verb.function(call, **args)
        _remember(call, subject, request, result)
        return result


def _remember(call: Call, subject: str, request: str, result: Result) -> None:
    """The change is done: that it cannot be written down, on a full disk say, must not make it look undone.

    A former result about the same subject is no longer true then, and goes.
    """
    try:
        call.state.remember(call.entry, subject, request, result)
    except OSError as error:
        log.warning("entry %s: the result could not be remembered: %s", call.entry, error)
        call.state.forget(call.entry, subject)


def _real_domains(call: Call, args: Args) -> set[str]:
    """The real domains a change is about: what its lock is named after. A change of a file of vpopmail's own
    has a lock of that name."""
    if "real" in args:
        return {args["real"]}
    if not {"domain", "domains"} & args.keys():
        return {"etc"}
    data, _ = read_assign(call.config)
    names = args.get("domains") or [args["domain"]]
    lines = {name: qmail.find_assign(data, name) or call.find(name) for name in names}
    return {line.real if line else name for name, line in lines.items()}
