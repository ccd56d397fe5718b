"""Pages that disable a domain, and enable it again. A large one is done in several calls, each going on from
where the one before came to."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import services
from accounts.account_views import get_or_post
from accounts.disabling_domain import Done, record_of
from accounts.disabling_forms import ChoiceForm, EmptyForm
from accounts.forms import posted
from vpopmail import assigned, listing, open_sessions
from vpopmail.engines.base import VpopmailError
from web.access import get_domain, needs
from web.feedback import refuse, tell
from web.fields import domain_to_unicode

SECONDS = 15.0  # of one call; the web server ends a request after twice that


@get_or_post
@needs("vpopmail.change_domain")
def disable_domain(request: HttpRequest, domain: str) -> HttpResponse:
    real = get_domain(request, domain).real
    record = record_of(real)
    form = EmptyForm(posted(request)) if record is not None else ChoiceForm(posted(request))
    status = 200
    if form.is_valid():
        try:
            done = services.disable_domain(
                actor=request.user, domain=real, seconds=SECONDS, **form.cleaned_data
            )
        except VpopmailError as error:
            status = refuse(form, error)
        else:
            return _told(request, real, done, "disable-domain")
    return _page(request, "disable_domain", real, form, status)


@get_or_post
@needs("vpopmail.change_domain")
def enable_domain(request: HttpRequest, domain: str) -> HttpResponse:
    real = get_domain(request, domain).real
    form, status = EmptyForm(posted(request)), 200
    if form.is_valid():
        try:
            done = services.enable_domain(actor=request.user, domain=real, seconds=SECONDS)
        except VpopmailError as error:
            status = refuse(form, error)
        else:
            return _told(request, real, done, "enable-domain")
    return _page(request, "enable_domain", real, form, status)


def _page(request: HttpRequest, page: str, domain: str, form: Any, status: int) -> HttpResponse:
    context = {
        "domain": domain,
        "form": form,
        "record": record_of(domain),
        "accounts": listing.bounded_count(domain),
        "alias_domains": assigned.domains().aliases_of(domain),
        "open_sessions": open_sessions.note(),
    }
    return render(request, f"accounts/{page}.html", context, status=status)


def _told(request: HttpRequest, domain: str, done: Done, route: str) -> HttpResponse:
    """Where its time was up before the last account, the same page goes on."""
    count = ngettext("%(n)d account was changed.", "%(n)d accounts were changed.", done.accounts) % {
        "n": done.accounts
    }
    if not done.complete:
        messages.info(request, f"{count} " + _("That is not all of them yet: go on."))
        return redirect(route, domain)
    name = domain_to_unicode(domain)
    if record_of(domain) is not None:
        tell(request, _("%(domain)s is disabled.") % {"domain": name} + f" {count}", done)
    else:
        tell(request, _("%(domain)s is enabled.") % {"domain": name} + f" {count}", done)
    return redirect("domain", domain)
