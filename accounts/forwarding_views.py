"""Pages of forwarding: of an account, and of one's own mailbox."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import forwarding_services, roles
from accounts.account_views import get_or_post
from accounts.forms import posted
from accounts.forwarding_forms import ForwardingForm
from accounts.forwarding_services import CHANGE_FORWARDING
from accounts.forwarding_words import shown
from accounts.own_views import own
from vpopmail import forwarding
from vpopmail.engines.base import Changed, VpopmailError
from vpopmail.models import Account
from web.access import demand, get_account, needs
from web.feedback import refuse, tell, tell_unchanged


@dataclass(frozen=True, slots=True)
class _Page:
    """Where the form is shown and where one comes back to."""

    account: Account
    template: str
    back: str

    def render(self, request: HttpRequest, form: ForwardingForm, status: int = 200) -> HttpResponse:
        context: dict[str, Any] = {
            "account": self.account,
            "domain": self.account.domain,
            "form": form,
            "forwarding": shown(request.user, self.account, form.now),
            "command": forwarding_services.line_for(self.account, form.now).removeprefix("manage.py "),
        }
        return render(request, self.template, context, status=status)


@get_or_post
@needs(CHANGE_FORWARDING)
def change_forwarding(request: HttpRequest, domain: str, name: str) -> HttpResponse:
    account = get_account(request, domain, name)
    back = reverse("account", args=[account.domain, account.name])
    return _change(request, _Page(account, "accounts/change_forwarding.html", back))


@get_or_post
@needs(roles.OWN_MAILBOX)
def own_forwarding(request: HttpRequest) -> HttpResponse:
    """Where one's own mail goes."""
    _user, account = own(request)
    demand(request, CHANGE_FORWARDING, account)
    return _change(request, _Page(account, "accounts/own_forwarding.html", reverse("own-account")))


def _change(request: HttpRequest, page: _Page) -> HttpResponse:
    account = page.account
    most = forwarding_services.most_destinations(request.user, account)
    form = ForwardingForm(posted(request), account=account, now=forwarding.read(account), most=most)
    if not form.is_valid():
        return page.render(request, form)
    if not form.is_new:
        tell_unchanged(request)
        return redirect(page.back)
    return _save(request, page, form)


def _save(request: HttpRequest, page: _Page, form: ForwardingForm) -> HttpResponse:
    account = page.account
    try:
        if form.is_stale:
            raise forwarding_services.changed(account)
        outcome = forwarding_services.change_forwarding(
            actor=request.user,
            domain=account.domain,
            name=account.name,
            expected=form.now.fingerprint,
            **form.wanted,
        )
    except VpopmailError as error:
        status = refuse(form, error)
        if isinstance(error, Changed):
            form.renew(forwarding.read(account))
        return page.render(request, form, status)
    tell(request, _("The forwarding was saved."), outcome)
    return redirect(page.back)
