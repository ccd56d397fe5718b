"""Fill the embedded store with a believable server, through the same services that pages use."""

import os
import random
import time
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from accounts import services as accounts
from accounts.first_run import ADMINISTRATOR
from accounts.models import User
from aliasdomains import services as alias_domains
from audit.models import Entry
from domains import services as domains
from vpopmail.assigned import domains as assigned
from vpopmail.engines.base import NewAccount
from vpopmail.models import LastAuth, accounts_of
from vpopmail.passwords import generate, make_hash
from vpopmail.quota import parse_quota
from vqweb import demo

DAYS = 60  # the journal of the demo goes back so far
SUBJECTS = (
    "Minutes of Tuesday",
    "Offer",
    "Lunch on Friday?",
    "Invoice",
    "Holiday rota",
    "Re: the new printer",
)


class Command(BaseCommand):
    help = "Make the demo's domains, accounts, aliases and mail; what is there already is left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.VPOPMAIL_HOME.is_relative_to(settings.VQWEB_STATE):
            raise CommandError(f"{settings.VPOPMAIL_HOME} is not the embedded store; the demo stays out.")
        actor = User.objects.get(username=ADMINISTRATOR)
        last = Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0
        made = [domain for domain in demo.DOMAINS if assigned().get(domain.name) is None]
        if made:
            self.stderr.write("Making the demo's mail server ...")
        for domain in made:
            _make_domain(actor, domain)
        if made:
            _second_thoughts(actor)
            _spread_over_time(last)


def _make_domain(actor: User, domain: demo.DemoDomain) -> None:
    secret = make_hash(generate())
    people = list(demo.people(domain))
    domains.add_domain(
        actor=actor,
        domain=domain.name,
        password_hash=secret,
        unknown=domain.unknown,
        alias_domains=domain.alias_domains,
    )
    new = [
        NewAccount(person.name, secret, "", person.display, parse_quota(person.quota), person.flags)
        for person in people
    ]
    accounts.add_accounts(actor=actor, domain=domain.name, accounts=new)
    for alias in demo.aliases(domain, [person.name for person in people]):
        for line in alias.lines:
            accounts.add_alias(actor=actor, domain=domain.name, alias=alias.name, line=line)
    _sign_in(domain, people)
    _deliver(domain)


def _sign_in(domain: demo.DemoDomain, people: list[demo.DemoPerson]) -> None:
    """What Dovecot's log of last sign-ins would hold."""
    chance = random.Random(f"sign-ins of {domain.name}")  # noqa: S311
    now = time.time()
    for person in people:
        if person.days_ago is None:
            continue
        row = LastAuth.objects.filter(user=person.name, domain=domain.name)
        address = f"{chance.choice(('192.0.2', '198.51.100', '203.0.113'))}.{chance.randrange(1, 255)}"
        seen = {"remote_ip": address, "timestamp": int(now - person.days_ago * 86400)}
        if not row.update(**seen):
            LastAuth.objects.create(user=person.name, domain=domain.name, **seen)


def _message(chance: random.Random, recipient: str, sender: str, when: float) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = sender, recipient
    message["Subject"] = chance.choice(SUBJECTS)
    message["Date"] = format_datetime(timezone.now() - timedelta(seconds=time.time() - when))
    message.set_content("Mail of the demo.\n" * chance.randrange(1, 400))
    return message.as_bytes()


def _deliver(domain: demo.DemoDomain) -> None:
    """Put some mail into a few mailboxes, as a delivery would: the embedded store lies on this machine."""
    chance = random.Random(f"mail of {domain.name}")  # noqa: S311
    found = list(accounts_of(domain.name).order_by("name")[:5])
    for account in found:
        maildir = Path(account.dir) / "Maildir"
        owner = maildir.stat()
        for number in range(chance.randrange(1, 12)):
            when = time.time() - chance.uniform(0, DAYS * 86400)
            data = _message(chance, account.address, chance.choice(found).address, when)
            name = f"{int(when)}.M{number}P1.{domain.name},S={len(data)}"
            path = maildir / "new" / name if chance.random() < 0.3 else maildir / "cur" / f"{name}:2,S"
            path.write_bytes(data)
            _count(maildir, len(data), owner.st_uid, owner.st_gid)


def _count(maildir: Path, size: int, uid: int, gid: int) -> None:
    """Owners as the mailbox has them, and a line in maildirsize where there is one, as vdelivermail does."""
    for path in (*maildir.glob("new/*"), *maildir.glob("cur/*")):
        os.chown(path, uid, gid)
    if (sums := maildir / "maildirsize").exists():
        with open(sums, "a") as file:
            file.write(f"{size:>11} {1:>10}\n")


def _second_thoughts(actor: User) -> None:
    """Changes of single accounts, so that the journal shows more than additions."""
    school, works, cargo = (demo.DOMAINS[n].name for n in (0, 1, 4))
    first = [account.name for account in accounts_of(school).order_by("name")[:6]]
    accounts.change_quota(actor=actor, domain=school, name=first[0], quota="20 GB")
    accounts.change_password(actor=actor, domain=school, name=first[1], password_hash=make_hash(generate()))
    accounts.change_account(actor=actor, domain=school, name=first[2], set_flags=0x1)
    accounts.delete_account(actor=actor, domain=school, name=first[5])
    accounts.add_alias(actor=actor, domain=works, alias="stoerung", line="&bereitschaft@example.org")
    alias_domains.add_alias_domain(actor=actor, real=cargo, alias="harbour-old.example")
    alias_domains.delete_alias_domain(actor=actor, alias="harbour-old.example")


def _spread_over_time(after: int) -> None:
    """The demo's entries did not all happen in this minute; their order stays."""
    entries = list(Entry.objects.filter(id__gt=after).order_by("id"))
    chance = random.Random(len(entries))  # noqa: S311
    ages = sorted((chance.uniform(0.01, DAYS) for _ in entries), reverse=True)
    for entry, age in zip(entries, ages, strict=True):
        taken = (entry.ended_at or entry.started_at) - entry.started_at
        entry.started_at = timezone.now() - timedelta(days=age)
        entry.ended_at = entry.started_at + taken
    Entry.objects.bulk_update(entries, ["started_at", "ended_at"], batch_size=200)
