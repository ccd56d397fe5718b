"""How lists show where an account's mail goes."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.forwarding_words import beside, in_a_cell
from vpopmail.forwarding import printable
from vpopmail.models import Account
from web.templatetags.panel import address

register = template.Library()


@register.simple_tag
def forwards(account: Account) -> SafeString:
    """Where its mail goes beside the mailbox: the first address, and the rest in words under it."""
    now = account.forwarding
    if now is None or not now.destinations:
        return format_html("{}", (in_a_cell(now) if now else "") or "–")
    first = address(printable(now.destinations[0]), copy=False)
    words = beside(now)
    return format_html('{}<div class="under">{}</div>', first, words) if words else first
