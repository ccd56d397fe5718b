"""The parts of an account, each with a form and page of its own, so that saving one never touches another."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import gate, services
from accounts.account_views import get_or_post
from accounts.flag_forms import FlagsForm
from accounts.forms import GecosForm, PasswordForm, QuotaForm, posted
from accounts.reports import secret_page
from vpopmail.engines.base import Changed, Outcome, VpopmailError
from vpopmail.models import Account, find_account
from web.access import get_account, needs
from web.feedback import refuse, tell, tell_unchanged

PartForm = GecosForm | QuotaForm | PasswordForm | FlagsForm


def _save(request: HttpRequest, form: PartForm, save: Callable[[], Outcome], sentence: str) -> int | None:
    """None when the change was made, else the status of the page that shows why not."""
    try:
        outcome = save()
    except VpopmailError as error:
        status = refuse(form, error)
        if isinstance(error, Changed) and not isinstance(form, PasswordForm):
            form.renew(find_account(form.account.domain, form.account.name) or form.account)
        return status
    tell(request, sentence, outcome)
    return None


def _unchanged(request: HttpRequest, account: Account) -> HttpResponse:
    tell_unchanged(request)
    return redirect("account", account.domain, account.name)


def _page(request: HttpRequest, form: PartForm, part: str, status: int | None = 200) -> HttpResponse:
    context = {"account": form.account, "domain": form.account.domain, "form": form}
    return render(request, f"accounts/{part}.html", context, status=status)


def _change(
    request: HttpRequest,
    form: GecosForm | QuotaForm | FlagsForm,
    part: str,
    save: Callable[[], Outcome],
    said: str,
) -> HttpResponse:
    """The page of one part: shown, sent back with what is wrong, or saved; unchanged, nothing is done."""
    account = form.account
    if not form.is_valid():
        return _page(request, form, part)
    if not form.is_new:
        return _unchanged(request, account)
    status = _save(request, form, save, said)
    return _page(request, form, part, status) if status else redirect("account", account.domain, account.name)


@get_or_post
@needs("vpopmail.change_account")
def change_account(request: HttpRequest, domain: str, name: str) -> HttpResponse:
    account = get_account(request, domain, name)
    form = GecosForm(posted(request), account=account)

    def save() -> Outcome:
        new, seen = form.cleaned_data["gecos"], {"gecos": form.cleaned_data["seen"]}
        return services.change_account(
            actor=request.user, domain=account.domain, name=account.name, gecos=new, expected=seen
        )

    return _change(request, form, "change_account", save, _("The display name was saved."))


@get_or_post
@needs("vpopmail.change_account")
def change_quota(request: HttpRequest, domain: str, name: str) -> HttpResponse:
    account = get_account(request, domain, name)
    form = QuotaForm(posted(request), account=account)

    def save() -> Outcome:
        new, seen = form.cleaned_data["quota"], form.cleaned_data["seen"]
        return services.change_quota(
            actor=request.user, domain=account.domain, name=account.name, quota=new, expected=seen
        )

    return _change(request, form, "change_quota", save, _("The quota was saved."))


@get_or_post
@needs("vpopmail.change_account")
def change_flags(request: HttpRequest, domain: str, name: str) -> HttpResponse:
    account = get_account(request, domain, name)
    form = FlagsForm(posted(request), account=account, fixed=gate.fixed_flags(request.user, account))

    def save() -> Outcome:
        return services.change_account(
            actor=request.user, domain=account.domain, name=account.name, **form.changes
        )

    return _change(request, form, "change_flags", save, _("The flags were saved."))


@get_or_post
@needs("vpopmail.change_password")
def change_password(request: HttpRequest, domain: str, name: str) -> HttpResponse:
    account = get_account(request, domain, name)
    form = PasswordForm(posted(request), account=account)
    if not form.is_valid():
        return _page(request, form, "change_password")
    secret = form.cleaned_data["password"]

    def save() -> Outcome:
        return services.change_password(
            actor=request.user, domain=account.domain, name=account.name, password=secret
        )

    sentence = _("The password of %(address)s was changed.") % {"address": account.address}
    status = _save(request, form, save, sentence)
    return (
        _page(request, form, "change_password", status)
        if status
        else _after_password(request, account, form.shown_once)
    )


def _after_password(request: HttpRequest, account: Account, secret: str) -> HttpResponse:
    if not secret:
        return redirect("account", account.domain, account.name)
    url = reverse("account", args=[account.domain, account.name])
    return secret_page(
        request,
        {
            "domain": account.domain,
            "address": account.address,
            "program": "vpasswd",
            "secret": secret,
            "url": url,
        },
    )
