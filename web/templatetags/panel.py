"""How pages show addresses, states, times, sizes, icons and command lines: one way for each."""

from datetime import UTC, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vpopmail.listing import Count
from vpopmail.models import Account
from web.fields import domain_to_unicode
from web.states import State, states_of

register = template.Library()
_UNITS = ("KB", "MB", "GB", "TB", "PB")
_BREAKS = (("@", "<wbr>@"), (".", ".<wbr>"))


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """An icon of static/vendor/icons.svg (deploy/vendor.py lists them); it only ever stands beside words
    or a label.
    """
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        classes,
        static("vendor/icons.svg"),
        name,
    )


def breakable(text: str) -> SafeString:
    """Escaped, with places to break the line at `@` and `.`."""
    escaped = str(conditional_escape(text))
    for mark, broken in _BREAKS:
        escaped = escaped.replace(mark, broken)
    return mark_safe(escaped)  # noqa: S308 - escaped above, only <wbr> added


def readable(address: str) -> str:
    """The Unicode form of an address or domain that is written with xn--, else ""."""
    name, at, domain = address.rpartition("@")
    unicode_form = domain_to_unicode(domain)
    return "" if unicode_form == domain else f"{name}{at}{unicode_form}"


@register.inclusion_tag("includes/address.html")
def address(text: object, href: str = "", copy: bool = True) -> dict[str, Any]:
    """An address or a domain in the one style for both, to copy with one click; IDN in Unicode with the
    xn-- form beside it.
    """
    plain = str(text)
    unicode_form = readable(plain)
    return {
        "text": plain,
        "shown": breakable(unicode_form or plain),
        "ascii": breakable(plain) if unicode_form else "",
        "href": href,
        "copy": copy,
    }


@register.inclusion_tag("includes/states.html")
def state(account: Account) -> dict[str, list[State]]:
    """What an account may do, each as a word with a colour and a shape."""
    return {"states": states_of(account)}


@register.inclusion_tag("includes/when.html")
def when(moment: datetime | int | float | None, never: str = "") -> dict[str, Any]:
    """A relative time, the exact one on hover; seconds since 1970 are taken as well, 0 and None are never."""
    if not moment:
        return {"never": never or _("Never")}
    if not isinstance(moment, datetime):
        moment = datetime.fromtimestamp(moment, UTC)
    return {
        "moment": moment,
        "exact": date_format(timezone.localtime(moment), "DATETIME_FORMAT"),
        "relative": _relative(moment),
    }


def _relative(moment: datetime) -> str:
    seconds = (timezone.now() - moment).total_seconds()
    if -5 < seconds < 60:
        return _("just now")
    if seconds < 0:
        return _("in %(time)s") % {"time": timesince(timezone.now(), timezone.localtime(moment), depth=1)}
    return _("%(time)s ago") % {"time": timesince(moment, depth=1)}


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


@register.inclusion_tag("includes/command.html")
def command(line: str) -> dict[str, str]:
    """The command that does the same as this page, folded away; `manage.py` may be left out."""
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
