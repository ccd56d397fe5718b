"""Files that somebody else left damaged: links, directories, pipes, of another owner, not UTF-8, with NUL, or
10 MB long. Every page that looks at them still answers, shows nothing of what a link leads to, and saving its
forms as they stand leaves the files as they are."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.forms.stage import FULL, Stage
from tests.forms.test_unchanged import DEEDS
from tests.forms.walk import Walk
from tests.store import GID, UID, Store
from vpopmail import assigned, helper, schema, usage

SECRET = "secret-of-somebody-else"
OTHERS = ("/", "/domains/", "/accounts/?q=anna", "/aliasdomains/", "/search/?q=anna")
Damage = Callable[[Path, Path], object]
DAMAGES: dict[str, Damage] = {
    "a link to a file": lambda path, secret: path.symlink_to(secret),
    "a link to nowhere": lambda path, secret: path.symlink_to(secret.with_name("nowhere")),
    "another name of a file": lambda path, secret: os.link(secret, path),
    "a directory": lambda path, secret: path.mkdir(),
    "a pipe": lambda path, secret: os.mkfifo(path),
    "not UTF-8": lambda path, secret: path.write_bytes(b"&gr\xfc\xdfe@x.example\n\xff\xfe\x80\n"),
    "with NUL": lambda path, secret: path.write_bytes(b"&a@x.example\0&b@x.example\n\0\0\0"),
    "10 MB": lambda path, secret: path.write_bytes(b"&somebody@elsewhere.example\n" * 360_000),
    "without rights": lambda path, secret: (path.write_text(f"&{SECRET}@x.example\n"), path.chmod(0)),
}


def _limits(stage: Stage) -> list[Path]:
    """Without limits that can be read no page of the domain can say what holds."""
    return [stage.store.directory(FULL) / ".qmailadmin-limits", stage.store.home / "etc/vlimits.default"]


def _files(stage: Stage) -> list[Path]:
    """What else pages of a domain and an account look at."""
    directory, store = stage.store.directory(FULL), stage.store
    return [
        directory / "anna/.qmail",
        directory / "anna/vacation/message",
        directory / "anna/Maildir/maildirsize",
        directory / ".qmail-info",
        directory / ".qmail-default",
        store.qmail / "control/defaultdelivery",
    ]


@pytest.fixture
def stage(store: Store, admin: Any) -> Stage:
    return Stage(store, admin)


def _forget() -> None:
    for module in (schema, assigned, helper, usage):
        getattr(module, "reset", lambda: None)()


def _damage(path: Path, secret: Path, how: Damage) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    how(path, secret)
    if os.geteuid() == 0 and path.stat(follow_symlinks=False).st_nlink == 1 and not path.is_symlink():
        os.chown(path, UID, GID)


@pytest.mark.stores("sqlite")
@pytest.mark.timeout(600)
def test_pages_answer_and_leave_them_alone(stage: Stage, tmp_path: Path) -> None:
    wrong = []
    for name in DAMAGES:
        walk, found = _walk(stage, tmp_path, name, _files(stage))
        wrong += found
        wrong += [f"{name}: {page} says {status}" for page, status in walk.statuses if status in (409, 503)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.stores("sqlite")
def test_limits_that_cannot_be_read_are_said(stage: Stage, tmp_path: Path) -> None:
    """Status 409 with the reason, on pages of that domain alone."""
    wrong = []
    for name, words in (
        ("a link to a file", "is a symbolic link"),
        ("a pipe", "is not a"),
        ("10 MB", "is longer than"),
    ):
        walk, found = _walk(stage, tmp_path, name, _limits(stage))
        wrong += found
        wrong += [
            f"{name}: {page}: {status}" for page, status in walk.statuses if page in OTHERS and status != 200
        ]
        if not any(words in page for page in walk.pages):
            wrong.append(f"{name}: nothing is said")
        assert ("/me/", 409) in walk.statuses
    assert not wrong, "\n".join(wrong)


def _walk(stage: Stage, place: Path, name: str, files: list[Path]) -> tuple[Walk, list[str]]:
    """Damage the files and go through the pages of the domain, of an owner, and those of the whole server."""
    secret = place / "secret"
    secret.write_text(f"&{SECRET}@x.example\n")
    for path in files:
        _damage(path, secret, DAMAGES[name])
    _forget()
    walk = Walk(stage, DEEDS | {"change-vacation", "own-vacation"})  # off by now: they switch it on
    addresses = stage.addresses()
    of_domain = [page for page in addresses if page.startswith(f"/domains/{FULL}")]
    walk.as_person("superuser", stage.people["superuser"], [*OTHERS, *of_domain])
    own = [page for page in addresses if page.startswith("/me/")]
    walk.as_person("anna", stage.people[f"anna@{FULL}"], own)
    wrong = [f"{name}: {what}" for what in walk.wrong]
    if name != "without rights" and any(SECRET in page for page in walk.pages):
        wrong.append(f"{name}: what the link leads to is shown")
    return walk, wrong
