"""Verbs on the messages of automatic answers: an account's `vacation/`, a domain's autoresponder `NAME/`.

Only the message file and the programs' own records are touched in these directories; what else lies there
stays, and the directory with it.
"""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from mailhost import answers, arguments, files, maildir
from mailhost.errors import HelperError, missing, refused
from mailhost.home import Call, Home
from mailhost.mailboxes import open_hash
from mailhost.registry import Args, Result, verb
from mailhost.verbs_files import remove_file

MODE = 0o700  # of the directory; qmailadmin, which is the same user, makes it 0750
_RECORDS = re.compile(r"A\d+\.\d+\Z|tmp\d+\.\d+\Z|\d+\.\d+\.")  # autorespond's, qmail-autoresponder's


def _program(value: Any) -> str:
    if value not in answers.FILES:
        raise refused("The program is autorespond or qmail-autoresponder.")
    return str(value)


def _data(value: Any) -> str:
    """A file's bytes, each as the letter of its number."""
    text: str = arguments.text(answers.LONGEST_FILE, controls=True)(value)
    if any(letter > "\xff" for letter in text):
        raise refused("The bytes of a file are expected.")
    return text


@verb("read")
def find_autoresponders(call: Call) -> Result:
    """The programs that may answer and that this mail host has, autorespond first."""
    found = [path for path in call.config.autoresponders if os.path.isfile(path) and os.access(path, os.X_OK)]
    return {"found": sorted(found, key=lambda path: (os.path.basename(path) != answers.AUTORESPOND, path))}


@contextmanager
def _beside(home: Home, name: str, hash: str | None) -> Iterator[tuple[Home, str]]:
    """Where the message's directory lies, and its name; `hash` None: the domain's autoresponder `name`."""
    if hash is not None:
        with open_hash(home.fd, hash) as parent, files.directory(name, parent) as fd:
            yield Home(home.line, fd, home.owner), answers.FOLDER
        return
    try:
        folder = answers.robot_folder(name)
    except answers.BadAnswer as error:
        raise refused(str(error), field="name") from error
    yield home, folder


@contextmanager
def _folder(home: Home, name: str, hash: str | None) -> Iterator[Home]:
    try:
        with _beside(home, name, hash) as (place, folder), files.directory(folder, place.fd) as fd:
            if files.look(maildir.MAILDIR, fd) is not None:
                raise refused(f"{folder} is a mailbox, not an autoresponder's directory.", field="name")
            yield Home(home.line, fd, home.owner)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise missing(f"There is no message of {name}.", name=name) from error


_ARGUMENTS: dict[str, Any] = {
    "domain": arguments.domain,
    "name": arguments.local_part,
    "hash": arguments.nullable(arguments.hash_directory),
    "program": _program,
}


@verb("read", **_ARGUMENTS)
def read_answer(call: Call, domain: str, name: str, hash: str | None, program: str) -> Result:
    """The message, as it would be sent by `program`. `readable` is False for what is no plain file of the
    domain's, or too long."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _read(home, name, hash, answers.FILES[program]))


def _read(home: Home, name: str, hash: str | None, file: str) -> Result:
    nothing: Result = {"exists": False, "readable": True, "data": "", "fingerprint": None}
    try:
        with _folder(home, name, hash) as place:
            found = files.read(file, place.fd, place.owners, answers.LONGEST_FILE)
    except HelperError as error:
        return nothing if error.code == "missing" else nothing | {"exists": True, "readable": False}
    except OSError:
        return nothing | {"exists": True, "readable": False}
    if found is None:
        return nothing
    data, print_ = found[0].decode("latin-1"), files.fingerprint(*found)
    return {"exists": True, "readable": True, "data": data, "fingerprint": print_}


def _subject(args: Args) -> str:
    return f"answer {args['domain']} {args['name']} {'robot' if args['hash'] is None else 'vacation'}"


def _stands(present: bool) -> Any:
    """A memory holds only as long as the message is (or is not) there."""

    def still(call: Call, args: Args) -> bool:
        try:
            with call.home(args["domain"]) as home:
                name, hash, file = args["name"], args["hash"], answers.FILES[args["program"]]
                found = call.run(home.owner, lambda: _read(home, name, hash, file))
                return bool(found["exists"]) is present
        except HelperError:
            return not present

    return still


@verb(
    "accounts",
    change=True,
    subject=_subject,
    still=_stands(True),
    data=_data,
    expect=arguments.fingerprint,
    **_ARGUMENTS,
)
def write_answer(
    call: Call, domain: str, name: str, hash: str | None, program: str, data: str, expect: Any
) -> Result:
    """Write the message, unless somebody changed it; its directory is made where there is none."""
    file = answers.FILES[program]
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _write(home, name, hash, file, data.encode("latin-1"), expect))


def _write(home: Home, name: str, hash: str | None, file: str, data: bytes, expect: Any) -> Result:
    with _beside(home, name, hash) as (place, folder):
        made = files.look(folder, place.fd) is None
        if made:
            os.close(files.make_directory(folder, place.fd, home.owner, MODE))
        try:
            with _folder(home, name, hash) as inside:
                return _replace(place, inside, file, data, expect)
        except BaseException:
            if made:
                with suppress(OSError):
                    os.rmdir(folder, dir_fd=place.fd)
            raise


def _replace(place: Home, inside: Home, file: str, data: bytes, expect: Any) -> Result:
    """Written beside the directory and renamed into it: recovery clears what is half written there."""
    found = files.read(file, inside.fd, inside.owners, answers.LONGEST_FILE)
    if found is None or found[0] != data:
        files.check_expected(expect, found, file)
        staged = f"{files.TEMPORARY}{secrets.token_hex(8)}"
        print_ = files.write(staged, place.fd, data, place.owner, 0o600)
        try:
            os.rename(staged, file, src_dir_fd=place.fd, dst_dir_fd=inside.fd)
        except BaseException:
            with suppress(OSError):
                os.unlink(staged, dir_fd=place.fd)
            raise
        os.fsync(inside.fd)
        return {"fingerprint": print_}
    return {"fingerprint": files.fingerprint(*found)}


@verb(
    "accounts",
    change=True,
    subject=_subject,
    still=_stands(False),
    expect=arguments.fingerprint,
    **_ARGUMENTS,
)
def remove_answer(call: Call, domain: str, name: str, hash: str | None, program: str, expect: Any) -> Result:
    """Remove the message with the program's record of whom it answered; one that is gone is fine."""
    with call.home(domain) as home:
        return call.run(home.owner, lambda: _remove(home, name, hash, answers.FILES[program], expect))


def _remove(home: Home, name: str, hash: str | None, file: str, expect: Any) -> Result:
    try:
        with _folder(home, name, hash) as inside:
            remove_file(inside, file, expect)
            for record in filter(_RECORDS.match, maildir.names_in(inside.fd)):
                with suppress(OSError):
                    os.unlink(record, dir_fd=inside.fd)
        with _beside(home, name, hash) as (place, folder), suppress(OSError):
            os.rmdir(folder, dir_fd=place.fd)
    except HelperError as error:
        if error.code != "missing":
            raise
    return {}
