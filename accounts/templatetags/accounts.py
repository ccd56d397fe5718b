"""How lists show an account's quota and its last sign-in."""

import shlex

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts import agents
from vpopmail import last_sign_ins
from vpopmail import quota as quotas
from vpopmail.models import Account
from web.templatetags.panel import icon, when

register = template.Library()


@register.filter
def quota(shell: str) -> str:
    """pw_shell in words: "2 GB", "2 GB, 1000 messages", "No limit"."""
    return quotas.describe(shell or "")


@register.filter
def browser(agent: str) -> str:
    """A browser in words, from what it says of itself: "Firefox on Linux"."""
    return agents.in_words(agent)


@register.filter
def argument_of(address: str, program: str) -> str:
    """A command line for `{% command %}`: names such as o'neil are quoted as a shell wants them."""
    return f"{program} {shlex.quote(str(address))}"


@register.simple_tag
def last_sign_in(account: Account) -> SafeString:
    """When and from where; made but never used is a word of its own, and so is that nobody knows."""
    found = account.last_auth
    if found is None or found.never:
        if found is None and not last_sign_ins.recorded(account.name):
            return format_html('<span class="text-secondary">{}</span>', _("Not recorded"))
        never = _("Never signed in")
        return format_html('<span class="state state-plain">{}{}</span>', icon("circle-dashed"), never)
    return format_html('{}<div class="under">{}</div>', when(found.timestamp), found.remote_ip)
