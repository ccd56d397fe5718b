"""Verbs that tell qmail about a domain, and stop telling it. Connected last, disconnected first.

Mail that was accepted but cannot be delivered must never happen: rcpthosts comes after everything else on
the way in, and before everything else on the way out.
"""

import os
from functools import partial

from mailhost import arguments, control, qmail
from mailhost.control import ControlFiles
from mailhost.errors import HelperError, exists, missing, refused
from mailhost.home import Call, read_assign
from mailhost.qmail import AssignLine
from mailhost.registry import Args, Result, verb
from mailhost.undo import Steps

MORE = ("morercpthosts", "morercpthosts.cdb")


def _is_connected(call: Call, args: Args) -> bool:
    return qmail.find_assign(read_assign(call.config)[0], args["domain"]) is not None


def _are_disconnected(call: Call, args: Args) -> bool:
    data, _ = read_assign(call.config)
    return all(qmail.find_assign(data, name) is None for name in args["domains"])


# The way in


@verb(
    "domains",
    change=True,
    subject=lambda args: f"connected {args['domain']}",
    still=_is_connected,
    domain=arguments.domain,
    real=arguments.domain,
    hash=(arguments.hash_directory, ""),
)
def connect_domain(call: Call, domain: str, real: str, hash: str) -> Result:
    """Make qmail accept and deliver mail for a name: assign, virtualdomains, locals, HUP, and rcpthosts
    last.
    """
    line = _new_line(call, domain, real, hash)
    with ControlFiles(call.config, ("assign", "rcpthosts", "virtualdomains", "locals")) as control_files:
        found = qmail.find_assign(control_files.read("assign") or b"", domain)
        if found is not None and found != line:
            raise exists(f"{domain} is in qmail's assign file already, as {found.real} in {found.directory}.")
        with Steps() as steps:
            if domain in qmail.control_lines(control_files.read("locals") or b""):
                call.state.remember_local(call.entry, domain)
            return {"warnings": _connect(control_files, line, steps)}


def _new_line(call: Call, domain: str, real: str, hash: str) -> AssignLine:
    """The assign line: what this entry disconnected before, the real domain's for an alias, or a new
    directory's.
    """
    former = call.state.recall_domain(call.entry, domain)
    if former is not None and former.real == real:
        return former
    if domain != real:
        known = call.line(real)
        return AssignLine(domain, real, known.uid, known.gid, known.directory)
    owner, path = call.own_ids(), call.domain_path(domain, hash)
    existing = call.find(domain)
    if existing is not None:
        if existing.is_alias:
            raise exists(f"{domain} is an alias domain of {existing.real}.")
        return existing
    if not os.path.isdir(path):
        raise missing(f"The directory {path} does not exist.", directory=path)
    return AssignLine(domain, domain, owner.uid, owner.gid, path)


def _connect(control_files: ControlFiles, line: AssignLine, steps: Steps) -> list[str]:
    config, name = control_files.config, line.domain
    try:
        changed = control_files.change("assign", lambda data: qmail.add_assign(data, line))
    except ValueError as error:
        raise refused(str(error)) from error
    if changed:
        steps.done("qmail's users/assign", partial(_take_back_assign, control_files, name))
    control_files.compile_assign()
    control_files.check_compiled(name, line)
    steps.done("qmail-send's signal", partial(control.hang_up, config))
    if control_files.change("virtualdomains", lambda data: qmail.add_line(data, f"{name}:{name}")):
        steps.done("qmail's virtualdomains", partial(_unvirtual, control_files, [name]))
    local = control_files.read("locals")
    if control_files.change("locals", lambda data: qmail.remove_lines(data, [name])) and local is not None:
        steps.done("qmail's locals", partial(control_files.put, "locals", local))
    warnings = control.hang_up(config)
    accept(control_files, name, steps)
    return warnings


def accept(control_files: ControlFiles, name: str, steps: Steps) -> None:
    """The last step: from here on qmail-smtpd takes mail for the name."""
    if name in qmail.control_lines(control_files.read("rcpthosts") or b""):
        return
    if name in qmail.control_lines(control_files.read("morercpthosts") or b""):
        control_files.finish_morercpthosts([name], accepted=True)
        return
    file = "morercpthosts" if "morercpthosts" in control_files.names else "rcpthosts"
    if control_files.change(file, lambda data: qmail.add_line(data, name)):
        steps.done(f"qmail's {file}", partial(_take_back_acceptance, control_files, file, name))
    if file == "morercpthosts":
        control_files.compile_morercpthosts()


# The way out


@verb(
    "domains",
    change=True,
    subject=lambda args: f"connected {args['domains'][0]}",
    still=_are_disconnected,
    domains=arguments.list_of(arguments.domain, 10_000),
)
def disconnect_domain(call: Call, domains: list[str]) -> Result:
    """Stop mail for names of one real domain: rcpthosts and morercpthosts, virtualdomains, HUP, assign last.

    A name without an assign line is not connected (that line is the first to come and the last to go), and
    nothing is done about it: rcpthosts may name hosts that are no virtual domains.
    """
    names = ["assign", "rcpthosts", "virtualdomains"]
    local = [name for name in domains if call.state.was_local(call.entry, name)]
    if local:
        names.append("locals")
    if any((call.config.qmail_home / "control" / name).exists() for name in MORE):
        names.append("morercpthosts")
    with ControlFiles(call.config, names) as control_files:
        data = control_files.read("assign") or b""
        lines = [line for line in (_leaving(call, data, name) for name in domains) if line]
        _check_together(data, lines)
        _remember(call, lines)
        with Steps() as steps:
            warnings = _disconnect(control_files, lines, local, steps) if lines else []
        _finish_compiling(control_files, domains)
    return {"warnings": warnings, "removed": [line.domain for line in lines]}


def _leaving(call: Call, data: bytes, name: str) -> AssignLine | None:
    """A name's line; of one that this entry began to disconnect before it was stopped, the line it had."""
    return qmail.find_assign(data, name) or call.state.recall_domain(call.entry, name)


def _finish_compiling(control_files: ControlFiles, domains: list[str]) -> None:
    """Whoever took the names out of assign may have been stopped before the compiler ran."""
    data = control_files.read("assign") or b""
    try:
        for name in domains:
            if qmail.find_assign(data, name) is None:
                control_files.check_compiled(name, None)
    except HelperError:
        control_files.compile_assign()


def _remember(call: Call, lines: list[AssignLine]) -> None:
    """Count the removal, and keep where the directory is for what this entry does next."""
    if call.entry and lines:
        config = call.config
        subject = next((line.real for line in lines if not line.is_alias), lines[0].domain)
        call.state.reserve_removals(call.entry, [subject], config.removals_per_hour, config.lock_timeout)
        for line in lines:
            call.state.remember_domain(call.entry, line)


def _check_together(data: bytes, lines: list[AssignLine]) -> None:
    """All names are one domain's, and a real domain leaves only together with its alias domains."""
    if len({line.real for line in lines}) > 1:
        raise refused("Only names of one and the same domain can be disconnected together.")
    if any(not line.is_alias for line in lines):
        real = lines[0].real
        left = sorted(
            {other.domain for other in qmail.names_of(data, real)} - {line.domain for line in lines}
        )
        if left:
            raise refused(f"{real} still has the alias domains {', '.join(left)}.", alias_domains=left)


def _disconnect(
    control_files: ControlFiles, lines: list[AssignLine], local: list[str], steps: Steps
) -> list[str]:
    """`local`: names that were local ones before the same entry connected them, and are so again."""
    domains = [line.domain for line in lines]
    before = {name: control_files.read(name) for name in control_files.names}
    steps.done("qmail's control files", partial(_put_back, control_files, before, lines))
    unaccept(control_files, domains)
    _unvirtual(control_files, domains)
    for name in local:
        control_files.change("locals", partial(qmail.add_line, line=name))
    warnings = control.hang_up(control_files.config)
    _unassign(control_files, domains)
    for name in domains:
        control_files.check_compiled(name, None)
    return warnings


def _put_back(control_files: ControlFiles, before: dict[str, bytes | None], lines: list[AssignLine]) -> None:
    """Undo a disconnection while all locks are still held: assign first, rcpthosts last, as on the way in."""
    for name in ("assign", "virtualdomains", "locals", "rcpthosts", "morercpthosts"):
        data = before.get(name)
        if data is not None:
            control_files.put(name, data)
        if name == "assign":
            control_files.recompile_assign({line.domain: line for line in lines})
        elif name == "locals":
            control.hang_up(control_files.config)
        elif name == "morercpthosts" and data is not None:
            control_files.compile_morercpthosts()


def unaccept(control_files: ControlFiles, domains: list[str]) -> None:
    control_files.change("rcpthosts", lambda data: qmail.remove_lines(data, domains), create=False)
    if "morercpthosts" in control_files.names:
        change = partial(qmail.remove_lines, unwanted=domains)
        if control_files.change("morercpthosts", change, create=False):
            control_files.compile_morercpthosts()
        control_files.finish_morercpthosts(domains, accepted=False)


def _take_back_acceptance(control_files: ControlFiles, file: str, name: str) -> None:
    control_files.change(file, lambda data: qmail.remove_lines(data, [name]), create=False)
    if file == "morercpthosts":
        control_files.recompile_morercpthosts(name)


def _unvirtual(control_files: ControlFiles, domains: list[str]) -> None:
    unwanted = [f"{name}:{name}" for name in domains]
    control_files.change("virtualdomains", lambda data: qmail.remove_lines(data, unwanted), create=False)


def _unassign(control_files: ControlFiles, domains: list[str]) -> None:
    control_files.change("assign", lambda data: qmail.remove_assign(data, domains), create=False)
    control_files.compile_assign()


def _take_back_assign(control_files: ControlFiles, name: str) -> None:
    control_files.change("assign", lambda data: qmail.remove_assign(data, [name]), create=False)
    control_files.recompile_assign({name: None})
