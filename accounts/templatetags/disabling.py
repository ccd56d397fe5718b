"""What the page of an account says about its being disabled."""

from django import template
from django.http import HttpRequest

from accounts.disabling_words import Standing, standing_of
from vpopmail.models import Account

register = template.Library()


@register.simple_tag(takes_context=True)
def disabling_of(context: template.Context, account: Account) -> Standing:
    """Whether it can be disabled or enabled by the person who looks, and what is known of it."""
    request = context.get("request")
    return standing_of(account, request.user if isinstance(request, HttpRequest) else None)
