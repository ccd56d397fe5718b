"""How lists show an account's quota and its last sign-in."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from vpopmail import quota as quotas
from vpopmail.models import Account
from web.templatetags.panel import when

register = template.Library()


@register.filter
def quota(shell: str) -> str:
    """pw_shell in words: "2 GB", "2 GB, 1000 messages", "No limit"."""
    return quotas.describe(shell or "")


@register.inclusion_tag("accounts/_last_sign_in.html")
def last_sign_in(account: Account) -> dict[str, Any]:
    """When and from where; made but never used is a word of its own."""
    found = account.last_auth
    if found is None or found.never:
        return when(None, _("Never signed in"))
    return {**when(found.timestamp), "address": found.remote_ip}
