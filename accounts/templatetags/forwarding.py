"""How lists show where an account's mail goes."""

from django import template

from accounts.forwarding_words import in_a_cell
from vpopmail.models import Account

register = template.Library()


@register.filter
def forwards(account: Account) -> str:
    """Where its mail goes beside the mailbox; "" when nowhere, or when nothing tells it."""
    return in_a_cell(account.forwarding) if account.forwarding else ""
