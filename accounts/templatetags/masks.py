"""What pages do not offer, since the masks of the domain would refuse it."""

from collections.abc import Sequence

from django import template

from accounts import masks
from accounts.destinations import Destination
from vpopmail.models import Account

register = template.Library()


@register.simple_tag(takes_context=True)
def may_change_quota(context: template.Context, account: Account) -> bool:
    """Asked after the permission to change the account."""
    request = context.get("request")
    return request is None or not masks.hides_quota(request.user, account)


@register.simple_tag(takes_context=True)
def alias_allows(
    context: template.Context, verb: str, domain: str, destinations: Sequence[Destination]
) -> bool:
    """`{% alias_allows "delete" domain lines as may_delete %}`, asked after the permission; or "change"."""
    request = context.get("request")
    lines = [destination.line.line for destination in destinations]
    return request is None or not masks.hides_alias(request.user, domain, lines, verb)
