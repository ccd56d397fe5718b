"""How pages show what a mailbox holds: a bar, and words that say the same."""

from collections.abc import Mapping
from datetime import UTC, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vpopmail import quota as quotas
from vpopmail.models import Account
from vpopmail.usage import Usage, percent
from web.templatetags.panel import human_size

register = template.Library()
_EXACT = "%Y-%m-%d %H:%M:%S %Z"
NEARLY, FULL = 80, 100


@register.simple_tag
def usage(account: Account) -> SafeString:
    """Used of the quota as bar and words, exact figures on hover; the quota alone where nothing is known."""
    shell = account.shell or ""
    quota = quotas.describe(shell)
    if account.usage is None:
        return format_html('<span class="figure" title="{}">{}</span>', shell, quota)
    part = percent(account)
    if part is None:
        return format_html(
            '<span class="figure" title="{}">{}</span><div class="under">{}</div>',
            exact(account.usage),
            human_size(account.usage.bytes),
            quota,
        )
    words = _("%(used)s of %(most)s") % {"used": _used(account.usage, shell), "most": quota}
    return format_html(
        '<span class="usage usage-{}" title="{}"><progress value="{}" max="100" aria-label="{}"></progress>'
        '<b>{} %</b> <span class="figure">{}</span></span>',
        "full" if part >= FULL else "nearly" if part >= NEARLY else "fine",
        exact(account.usage),
        min(part, 100),
        _("Used"),
        part,
        words,
    )


def _used(found: Usage, shell: str) -> str:
    """Bytes, messages, or both, as the quota has them."""
    words = [human_size(found.bytes)] if quotas.bytes_of(shell) else []
    if quotas.messages_of(shell):
        told = ngettext("%(n)d message", "%(n)d messages", found.messages)
        words.append(told % {"n": found.messages})
    return ", ".join(words)


@register.filter
def is_full(account: Account) -> bool:
    return (percent(account) or 0) >= FULL


@register.filter
def exact(found: Usage) -> str:
    """Exact figures, and how old they are."""
    size = ngettext("%(n)s byte", "%(n)s bytes", found.bytes) % {"n": f"{found.bytes:,}"}
    count = ngettext("%(n)s message", "%(n)s messages", found.messages) % {"n": f"{found.messages:,}"}
    if not found.at:
        return f"{size}, {count}"
    local = timezone.localtime(datetime.fromtimestamp(found.at, UTC)).strftime(_EXACT)
    told = _("counted %(time)s") if found.counted else _("as of %(time)s")
    return f"{size}, {count}; {told % {'time': local}}"


@register.filter
def held(counts: Mapping[str, int], key: str) -> str:
    """How many accounts a filter held for."""
    return f"{counts.get(key, 0):,}"
