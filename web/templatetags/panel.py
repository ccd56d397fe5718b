"""How pages show addresses, states, times, sizes, icons and command lines: one way for each.

Lists call these hundreds of times a page, so they build their few tags here: rendering a template each time
would cost more than everything else on the page.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vpopmail.listing import Count
from vpopmail.models import Account
from web import access
from web.fields import domain_to_unicode
from web.states import State, states_of

register = template.Library()
_UNITS = ("KB", "MB", "GB", "TB", "PB")
_EXACT = "%Y-%m-%d %H:%M:%S %Z"


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, classes: str = "") -> SafeString:
    """An icon of static/vendor/icons.svg (deploy/vendor.py has the names); never without words or a label."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        classes,
        static("vendor/icons.svg"),
        name,
    )


def breakable(text: str) -> str:
    """Escaped, with places to break the line at `@` and `.`."""
    return escape(text).replace("@", "<wbr>@").replace(".", ".<wbr>")


def readable(address: str) -> str:
    """The Unicode form of an address or domain that is written with xn--, else ""."""
    if "xn--" not in address:
        return ""
    name, at, domain = address.rpartition("@")
    unicode_form = domain_to_unicode(domain)
    return "" if unicode_form == domain else f"{name}{at}{unicode_form}"


@register.simple_tag(takes_context=True)
def may_somewhere(context: template.Context, permission: str) -> bool:
    """Whether the person holds the permission on one domain at least, for pages that are about several."""
    return access.may_somewhere(context["request"].user, permission)


@register.simple_tag
def address(text: object, href: str = "", copy: bool = True) -> SafeString:
    """An address or a domain in the one style for both, to copy with one click.

    IDN is shown in Unicode with the xn-- form beside it.
    """
    plain = str(text)
    unicode_form = readable(plain)
    html = breakable(unicode_form or plain)
    if href:
        html = f'<a href="{escape(href)}">{html}</a>'
    if unicode_form:
        html += f' <span class="address-ascii">{breakable(plain)}</span>'
    if copy:
        html += copy_button(plain, _("Copy %(text)s") % {"text": plain})
    return mark_safe(f'<span class="address">{html}</span>')  # noqa: S308 - every part is escaped above


def copy_button(text: str, label: str) -> str:
    return (
        f'<button type="button" class="copy" data-copy="{escape(text)}" aria-label="{escape(label)}" hidden>'
        f"{icon('copy')}</button>"
    )


@register.simple_tag
def state(account: Account) -> SafeString:
    """What an account may do, each as a word with a colour and a shape."""
    return _states(tuple(states_of(account)))


@register.simple_tag
def states(found: Sequence[State]) -> SafeString:
    """States of anything else, shown the same way."""
    return _states(tuple(found))


@lru_cache(maxsize=512)
def _states(found: tuple[State, ...]) -> SafeString:
    html = "".join(
        format_html(
            '<span class="state state-{}"{}>{}{}</span>', one.kind, _title(one), icon(one.icon), one.word
        )
        for one in found
    )
    return format_html('<span class="states">{}</span>', mark_safe(html))  # noqa: S308 - made by format_html


def _title(one: State) -> SafeString:
    return format_html(' title="{}"', one.detail) if one.detail else mark_safe("")


@register.simple_tag
def when(moment: datetime | int | float | None, never: str = "") -> SafeString:
    """A relative time, the exact one on hover; seconds since 1970 are taken as well, 0 and None are never."""
    if not moment:
        return format_html('<span class="text-secondary">{}</span>', never or _("Never"))
    if not isinstance(moment, datetime):
        moment = datetime.fromtimestamp(moment, UTC)
    local = timezone.localtime(moment)
    exact, words = local.strftime(_EXACT), escape(_relative(moment))
    return mark_safe(f'<time datetime="{local.isoformat()}" title="{exact}">{words}</time>')  # noqa: S308


def _relative(moment: datetime) -> str:
    now = timezone.now()
    seconds = (now - moment).total_seconds()
    if -5 < seconds < 60:
        return _("just now")
    if seconds < 0:
        return _("in %(time)s") % {"time": timesince(now, moment, depth=1)}
    return _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}


def human_size(count: int) -> str:
    """`1.4 GB`: powers of 1024, as vpopmail counts; three figures at most."""
    if count < 1024:
        return ngettext("%(n)d byte", "%(n)d bytes", count) % {"n": count}
    value = float(count)
    for unit in _UNITS:
        value /= 1024
        if value < 1000 or unit == _UNITS[-1]:
            break
    figures = f"{value:.0f}" if value >= 100 else f"{value:.1f}".removesuffix(".0")
    return f"{figures} {unit}"


@register.simple_tag
def size(count: int | None) -> SafeString:
    """Bytes in units that people read, the exact number on hover; None is a dash."""
    if count is None:
        return mark_safe("–")
    exact = ngettext("%(n)s byte", "%(n)s bytes", count) % {"n": f"{count:,}"}
    return format_html('<span class="figure" title="{}">{}</span>', exact, human_size(count))


@register.inclusion_tag("includes/command.html", takes_context=True)
def command(context: template.Context, line: str) -> dict[str, str]:
    """The command that does the same as this page, folded away; `manage.py` may be left out. Owners of
    mailboxes and postmasters have no command line here, and are shown none.
    """
    user = getattr(context.get("request"), "user", None)
    if getattr(user, "is_mailbox", False):
        return {"line": ""}
    return {"line": f"manage.py {line.removeprefix('manage.py ')}"}


@register.filter
def unicode_domain(text: str) -> str:
    """A domain or an address in its Unicode form, where there is no room for both."""
    return readable(str(text)) or str(text)


@register.simple_tag
def count(number: Count | int) -> SafeString:
    """A number with its thousands apart; a Count says that it is about so many, or that there are more."""
    if isinstance(number, int):
        return format_html("{}", f"{number:,}")
    about = format_html("<small>{}</small> ", _("about")) if number.about else ""
    return format_html("{}{}{}", about, f"{number.number:,}", "+" if number.more else "")
