"""vadduser: mailbox, row, lastauth, counter; one account or many at once (vpopmail.c, vadduser;
vadduser.c)."""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vpopmail import bounds, limits, rules
from vpopmail.assigned import AssignedDomain
from vpopmail.engines.base import NewAccount, Outcome
from vpopmail.engines.native import counters, left
from vpopmail.engines.native.deletions import found_in_trash
from vpopmail.engines.native.users import Users, new_last_auth, real_domain
from vpopmail.engines.native.work import Work, work
from vpopmail.schema import ensure_table, schema

CHUNK = 500  # accounts in one transaction and one message to the helper


def add(domain: str, accounts: Sequence[NewAccount], bound: bool, entry: str) -> Outcome:
    """All accounts or none, each placed and counted as if it had been added alone; `bound`: within the
    domain's limits."""
    real = real_domain(domain)
    _ensure_tables()
    parked: dict[str, Any] = {}
    with work(real.name, entry=entry) as job:
        real = real_domain(real.name)
        rules.check_new_accounts(real.name, [account.name for account in accounts], beside_alias=True)
        if bound:
            bounds.check_accounts(real.name, len(accounts))
        quota = limits.read(real.name).default_quota
        job.note("adds", domain=real.name, count=len(accounts))
        for chunk in _chunks(accounts):
            with job.rows():
                parked = _add(job, real, chunk, quota) or parked
        return job.outcome(**parked)


def _chunks(accounts: Sequence[NewAccount]) -> Iterator[Sequence[NewAccount]]:
    for start in range(0, len(accounts), CHUNK):
        yield accounts[start : start + CHUNK]


def _ensure_tables() -> None:
    """What vpopmail makes when it misses it while adding an account."""
    ensure_table("dir_control")
    if schema().last_auth:
        ensure_table("lastauth")
    if schema().limits == "sql":
        ensure_table("limits")


def _add(
    job: Work, real: AssignedDomain, accounts: Sequence[NewAccount], default_quota: str
) -> dict[str, Any]:
    """Make mailboxes and rows; where directories that were in the way lie now, if any."""
    users = Users.of(real.name)
    quotas = [account.quota or default_quota for account in accounts]
    hashes = _place(job, real, len(accounts))
    boxes = [
        {"name": account.name, "hash": place, "quota": quota}
        for account, place, quota in zip(accounts, hashes, quotas, strict=True)
    ]
    job.note("mailboxes", domain=real.name, boxes=[{"name": b["name"], "hash": b["hash"]} for b in boxes])
    park = any(account.park_existing for account in accounts)
    made = job.call("make_mailboxes", domain=real.name, mailboxes=boxes, park_existing=park)
    job.takes_back(
        _("mailboxes in %(directory)s") % {"directory": real.directory},
        "unmake_mailboxes",
        domain=real.name,
        mailboxes=[{"name": box["name"], "hash": box["hash"]} for box in boxes],
    )
    job.note("made")
    new = zip(accounts, made["directories"], quotas, strict=True)
    users.insert(job, [users.new_row(account, directory, quota) for account, directory, quota in new])
    new_last_auth(job, real.name, [account.name for account in accounts])
    for account in accounts:
        if account.remove_left:
            left.remove(job, real.name, account.name)
    return found_in_trash(made) if made["kept_until"] else {}


def _place(job: Work, real: AssignedDomain, count: int) -> list[str]:
    """A hash directory for each: free slots first, then what the counter says."""
    if not schema().big_dir:
        return [""] * count
    key = f"{job.entry[:48]}.{secrets.token_hex(6)}"  # whoever asks again under it gets the same slots
    job.note("slots", key=key, domain=real.name, count=count)
    slots: list[str] = job.call_as(key, "take_slots", domain=real.name, count=count)["hashes"]
    if slots:
        job.undo.push(
            _("free places of %(domain)s") % {"domain": real.name},
            lambda: job.call_as(key, "give_slots", domain=real.name, hashes=slots),
        )
    return slots + counters.take(job, real.name, count - len(slots), filled=len(slots))
