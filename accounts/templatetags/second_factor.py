"""What the page of an account says about its owner's second factor."""

from django import template
from django.http import HttpRequest

from accounts.models import User
from accounts.roles import may_reset_factor
from accounts.second_factor import factors, passkeys
from accounts.second_factor.reset_views import RESET
from vpopmail.models import Account
from web.access import may

register = template.Library()


@register.simple_tag(takes_context=True)
def may_reset_factor_of(context: template.Context, account: Account) -> bool:
    """Whether there is a second factor to reset, and the person who looks may."""
    request = context.get("request")
    if not isinstance(request, HttpRequest) or not may(request.user, RESET, account):
        return False
    if not may_reset_factor(request.user, account):
        return False
    user = User.objects.filter(name=account.name, domain=account.domain, ended_at=None).first()
    return user is not None and user.pk != request.user.pk and bool(factors.marks_of(user))


@register.simple_tag(takes_context=True)
def passkey_again(context: template.Context) -> str:
    """What the browser is asked for in the place of the password; "" without a passkey for this host name."""
    request = context.get("request")
    if not isinstance(request, HttpRequest) or not passkeys.is_possible(request):
        return ""
    return passkeys.request_options(request, passkeys.AGAIN) if passkeys.usable(request) else ""
