"""Pages of the automatic answer: of an account, and of one's own mailbox."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import roles, vacation_words
from accounts.account_views import get_or_post
from accounts.forms import posted
from accounts.own_views import own
from accounts.vacation_forms import VacationForm
from accounts.vacation_services import CHANGE_VACATION, end_vacation, line_for, set_vacation
from accounts.vacation_state import Wanted, standing_of
from vpopmail.engines.base import Changed, VpopmailError
from vpopmail.models import Account
from web.access import demand, get_account, needs
from web.feedback import refuse, tell, tell_unchanged


@dataclass(frozen=True, slots=True)
class _Page:
    """Where the form is shown, where one comes back to, and where the answer is switched off."""

    account: Account
    template: str
    back: str
    end: str

    def render(self, request: HttpRequest, form: VacationForm, status: int = 200) -> HttpResponse:
        now = form.now
        line = line_for(self.account, Wanted(now.texts.subject or "…", "", now.first_day, now.last_day))
        context = {
            "account": self.account,
            "domain": self.account.domain,
            "form": form,
            "vacation": vacation_words.shown(request.user, now),
            "hint": vacation_words.hint_of(now.program),
            "end": self.end,
            "command": line.removeprefix("manage.py "),
        }
        return render(request, self.template, context, status=status)


def _of_account(account: Account) -> _Page:
    where = [account.domain, account.name]
    back, end = reverse("account", args=where), reverse("end-vacation", args=where)
    return _Page(account, "accounts/change_vacation.html", back, end)


def _of_own(request: HttpRequest) -> _Page:
    _user, account = own(request)
    demand(request, CHANGE_VACATION, account)
    end = reverse("end-own-vacation")
    return _Page(account, "accounts/own_vacation.html", reverse("own-account"), end)


@get_or_post
@needs(CHANGE_VACATION)
def change_vacation(request: HttpRequest, domain: str, name: str) -> HttpResponse:
    return _change(request, _of_account(get_account(request, domain, name)))


@require_POST
@needs(CHANGE_VACATION)
def end_of_vacation(request: HttpRequest, domain: str, name: str) -> HttpResponse:
    return _end(request, _of_account(get_account(request, domain, name)))


@get_or_post
@needs(roles.OWN_MAILBOX)
def own_vacation(request: HttpRequest) -> HttpResponse:
    """What one's own mailbox answers."""
    return _change(request, _of_own(request))


@require_POST
@needs(roles.OWN_MAILBOX)
def end_own_vacation(request: HttpRequest) -> HttpResponse:
    return _end(request, _of_own(request))


def _change(request: HttpRequest, page: _Page) -> HttpResponse:
    form = VacationForm(posted(request), now=standing_of(page.account))
    if not form.is_valid():
        return page.render(request, form)
    if not form.is_new:
        tell_unchanged(request)
        return redirect(page.back)
    return _save(request, page, form)


def _save(request: HttpRequest, page: _Page, form: VacationForm) -> HttpResponse:
    account, seen = page.account, form.cleaned_data["seen"]
    try:
        outcome = set_vacation(
            actor=request.user, domain=account.domain, name=account.name, wanted=form.wanted, expected=seen
        )
    except VpopmailError as error:
        status = refuse(form, error)
        if isinstance(error, Changed):
            form.renew(standing_of(account))
        return page.render(request, form, status)
    tell(request, _("The answer was saved."), outcome)
    return redirect(page.back)


def _end(request: HttpRequest, page: _Page) -> HttpResponse:
    account, seen = page.account, request.POST.get("seen") or None
    try:
        outcome = end_vacation(actor=request.user, domain=account.domain, name=account.name, expected=seen)
    except VpopmailError as error:
        form = VacationForm(now=standing_of(account))
        messages.error(request, error.message)
        return page.render(request, form, 503 if not isinstance(error, Changed) else 200)
    tell(request, _("Mail is not answered any more."), outcome)
    return redirect(page.back)
