"""One account, or every account of a domain, as vmoduser and vsetuserquota take either."""

from collections.abc import Callable

from django.utils.translation import ngettext

from accounts.account_services import find_account, real_name
from audit.arguments import address_parts, domain_name
from vpopmail.engines.base import Outcome, VpopmailError
from vpopmail.models import accounts_of


def account(target: str, change: Callable[[str, str], Outcome]) -> tuple[Outcome, list[str]]:
    """Call `change(domain, name)` for the address, or for every account of the domain by name.

    Returns all outcomes in one, and the addresses. Stops at the first error: each account is an entry of the
    journal by itself, so those changed before stay changed, and the error says how many they were.
    """
    if "@" in target:
        name, domain = address_parts(target)
        domain = real_name(domain)
        find_account(domain, name)
        return change(domain, name), [f"{name}@{domain}"]
    domain = real_name(domain_name(target))
    names = list(accounts_of(domain).order_by("name").values_list("name", flat=True))
    outcome, done = Outcome(), list[str]()
    for name in names:
        outcome += _one(change, domain, name, len(done))
        done.append(f"{name}@{domain}")
    return outcome, done


def _one(change: Callable[[str, str], Outcome], domain: str, name: str, done: int) -> Outcome:
    try:
        return change(domain, name)
    except VpopmailError as error:
        message = ngettext(
            "%(address)s: %(reason)s %(done)d account before it was changed.",
            "%(address)s: %(reason)s %(done)d accounts before it were changed.",
            done,
        )
        values = {"address": f"{name}@{domain}", "reason": error.message, "done": done}
        raise type(error)(message % values, field=error.field) from error
