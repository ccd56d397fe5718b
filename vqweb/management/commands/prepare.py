"""Everything between an installed panel and one that serves: store, tables, static files, administrator."""

import hashlib
import os
import socket
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DatabaseError

from accounts import first_run
from accounts.models import User
from vpopmail import schema
from vqweb.recover import recover
from vqweb.settings import env


class Command(BaseCommand):
    help = "Make what the panel needs before it serves; does nothing the second time."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--serve", action="store_true", help="refuse when the port is taken")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["serve"]:
            _refuse_taken_port()
        settings.VQWEB_STATE.mkdir(mode=0o700, parents=True, exist_ok=True)
        schema.create_embedded_store()
        call_command("migrate", verbosity=0)
        _recover()
        _collect_static()
        _make_administrator()


def _recover() -> None:
    """What an earlier run left half done; whatever cannot be settled now does not keep the panel from
    serving."""
    try:
        for report in recover():
            print(f"{report.action} {report.target}: {report.state}. {' '.join(report.sentences)}")
    except DatabaseError as error:
        print(f"Interrupted changes could not be looked for: {error}")


def _refuse_taken_port() -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.PORT))
        except OSError as error:
            reason = f"port {settings.PORT} of 127.0.0.1 cannot be used ({error.strerror})"
            raise CommandError(f"{reason}; PORT chooses another") from None


def _collect_static() -> None:
    """collectstatic hashes and compresses every file each time; skipped while no source changed."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):
            status = os.stat(storage.path(path))
            digest.update(f"{path}\0{storage.path(path)}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    stamp = settings.STATIC_ROOT / ".sources.sha256"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest.hexdigest())


def _make_administrator() -> None:
    """The first one only: as soon as anybody may sign in, people are the panel's own matter."""
    if User.objects.filter(is_superuser=True).exists():
        return
    given = env("VQWEB_ADMIN_PASSWORD")
    password = given or first_run.generate()
    if not given:
        first_run.keep(settings.VQWEB_STATE, password)
    User.objects.create_superuser(first_run.ADMINISTRATOR, password=password)
