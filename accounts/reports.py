"""What pages of accounts and aliases say beside the rows: the journal's latest lines, defaults, secrets."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from audit.models import Entry
from audit.visible import entries_for
from vpopmail import closed, flags, last_sign_ins, limits, listing, plans, usage
from vpopmail import quota as quotas
from vpopmail.assigned import domains
from vpopmail.models import Account
from web.access import may

LATEST = 5
SERVICES = (
    ("IMAP", flags.NO_IMAP),
    ("POP", flags.NO_POP),
    ("SMTP", flags.NO_SMTP),
    ("Webmail", flags.NO_WEBMAIL),
)


def page_or_part(request: HttpRequest, page: str, part: str, context: Mapping[str, object]) -> HttpResponse:
    """The whole page, or for htmx the part that it swaps in (`#found`); caches are told that they differ."""
    is_part = request.headers.get("HX-Target") == "found"
    response = render(request, part if is_part else page, dict(context))
    patch_vary_headers(response, ["HX-Target"])
    return response


def secret_page(request: HttpRequest, context: Mapping[str, object]) -> HttpResponse:
    """The one answer that shows a generated password: no browser may keep it, and no session holds it."""
    response = render(request, "accounts/shown_once.html", dict(context))
    response["Cache-Control"] = "no-store"
    return response


def journal_of(request: HttpRequest, target: str) -> Sequence[Entry] | None:
    """The latest changes of an account or alias; None for who may not read the journal."""
    if not may(request.user, "audit.view_entry", target.rpartition("@")[2]):
        return None
    return list(entries_for(request.user).filter(target=target).order_by("-id")[:LATEST])


def facts_of(account: Account) -> dict[str, object]:
    """What the account's page says beside its forms; sets `account.usage`."""
    usage.attach([account])
    found = listing.last_auth(account.domain, account.name)
    effective = closed.effective(account)
    shown = [flag for flag in flags.FLAGS if flag.bit & account.gid and not flag.bit & flags.SERVICES]
    return {
        "quota": quotas.describe(account.shell or ""),
        "last_auth": None if found is None or found.never else found,
        "records_sign_ins": last_sign_ins.recorded(account.name),
        "services": [
            {"name": name, "open": not effective & bit, "by_domain": bool(effective & ~account.gid & bit)}
            for name, bit in SERVICES
        ],
        "flags": shown,
        "elsewhere": is_elsewhere(account),
    }


def is_elsewhere(account: Account) -> bool:
    """Whether the mailbox is not in the domain's directory: then it is never moved."""
    domain = domains().real(account.domain)
    return domain is None or plans.placement(account, domain.directory) is None


def default_quota(domain: str) -> str:
    """What a new account of the domain gets, in words; "" where there is no default."""
    read = limits.read(domain)
    return quotas.describe(read.default_quota) if read.default_quota else ""
