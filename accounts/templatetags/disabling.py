"""What the page of an account says about its being disabled."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.http import HttpRequest

from accounts.disabling_domain import record_of
from accounts.disabling_words import Standing, standing_of
from accounts.models import DisabledDomain
from vpopmail.assigned import AssignedDomain
from vpopmail.models import Account

register = template.Library()


@register.simple_tag(takes_context=True)
def disabling_of(context: template.Context, account: Account) -> Standing:
    """Whether it can be disabled or enabled by the person who looks, and what is known of it."""
    request = context.get("request")
    return standing_of(account, request.user if isinstance(request, HttpRequest) else None)


@register.simple_tag(takes_context=True)
def disabled_domain(context: template.Context, domain: AssignedDomain) -> DisabledDomain | None:
    """How far a domain is disabled; None where it is not. A page asks once, however many parts of it do."""
    request = context.get("request")
    known: dict[str, DisabledDomain | None] = getattr(request, "disabled_domains", {})
    if domain.real not in known:
        known[domain.real] = record_of(domain.real)
        if request is not None:
            request.disabled_domains = known
    return known[domain.real]


@register.simple_tag
def disabled_among(rows: Sequence[Any]) -> set[str]:
    """The names of those domains of a list that are disabled, or on their way; `rows` have a `domain`."""
    names = [row.domain.name for row in rows]
    return set(DisabledDomain.objects.filter(domain__in=names).values_list("domain", flat=True))
