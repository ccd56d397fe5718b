"""Pages that disable an account, and enable it again: what follows is said first, one POST does it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import disabling_words, services
from accounts.account_views import get_or_post
from accounts.disabling_forms import DisableForm, EnableForm
from accounts.forms import posted
from vpopmail.engines.base import Changed, Outcome, VpopmailError
from vpopmail.flags import BOUNCE_MAIL
from vpopmail.models import Account, find_account
from web.access import get_account, needs
from web.feedback import refuse, tell, tell_unchanged


@get_or_post
@needs("vpopmail.change_account")
def disable_account(request: HttpRequest, domain: str, name: str) -> HttpResponse:
    account = get_account(request, domain, name)
    form = DisableForm(posted(request), account=account)

    def save() -> Outcome:
        data = form.cleaned_data
        return services.disable_account(
            actor=request.user,
            domain=account.domain,
            name=account.name,
            mail=data["mail"],
            reason=data["reason"],
            expected=data["seen"],
        )

    context = {"bounces": bool(account.gid & BOUNCE_MAIL), "lines": disabling_words.own_lines(account)}
    said = _("%(address)s is disabled.") % {"address": account.address}
    return _switch(request, form, save, "disable_account", said, context)


@get_or_post
@needs("vpopmail.change_account")
def enable_account(request: HttpRequest, domain: str, name: str) -> HttpResponse:
    account = get_account(request, domain, name)
    form = EnableForm(posted(request), account=account)

    def save() -> Outcome:
        seen = form.cleaned_data["seen"]
        return services.enable_account(
            actor=request.user, domain=account.domain, name=account.name, expected=seen
        )

    said = _("%(address)s is enabled again.") % {"address": account.address}
    return _switch(request, form, save, "enable_account", said, {})


def _switch(
    request: HttpRequest,
    form: DisableForm | EnableForm,
    save: Callable[[], Outcome],
    page: str,
    said: str,
    context: dict[str, Any],
) -> HttpResponse:
    account, status = form.account, 200
    if form.is_valid():
        try:
            _tell(request, account, said, save())
        except VpopmailError as error:
            status = refuse(form, error)
            if isinstance(error, Changed):
                form.renew(find_account(account.domain, account.name) or account)
        else:
            return redirect("account", account.domain, account.name)
    context |= {
        "account": form.account,
        "domain": account.domain,
        "form": form,
        "standing": disabling_words.standing_of(form.account, request.user),
        "still_works": disabling_words.still_works(account),
        "not_restored": disabling_words.not_restored(account),
        "restored": disabling_words.restored(form.account),
    }
    return render(request, f"accounts/{page}.html", context, status=status)


def _tell(request: HttpRequest, before: Account, said: str, outcome: Outcome) -> None:
    """Where nothing was left to do, that is said."""
    after = find_account(before.domain, before.name)
    same = after is not None and (after.gid, after.passwd) == (before.gid, before.passwd)
    if same and not outcome.warnings:
        tell_unchanged(request)
        return
    tell(request, said, outcome)
