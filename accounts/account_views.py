"""Pages of accounts: finding one, adding one, the account's own page, deleting it."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import forwarding_words, services, vacation_words
from accounts.destinations import shown_lines
from accounts.find import find
from accounts.forms import AddAccountForm, DeleteAccountForm, GecosForm, PasswordForm, QuotaForm, posted
from accounts.gate import mailbox_line
from accounts.models import User
from accounts.overview.pages import filtered
from accounts.reports import (
    default_quota,
    facts_of,
    is_elsewhere,
    journal_of,
    page_or_part,
    secret_page,
)
from accounts.roles import is_own
from vpopmail import aliases, plans
from vpopmail.engines.base import Occupied, Outcome, VpopmailError
from vpopmail.listing import Count
from vpopmail.models import Account
from vpopmail.remains import Remains
from web.access import domains_of, get_account, get_domain, needs
from web.confirm import needs_confirmation
from web.feedback import refuse, tell, tell_deleted
from web.sign_ins import latest

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@needs("vpopmail.view_account", somewhere=True)
def accounts(request: HttpRequest) -> HttpResponse:
    """Find an account by the beginning of its address, or all that a filter holds for; with htmx only the
    table comes back."""
    text = request.GET.get("q", "").strip()
    context = {"query_accounts": text, "found": find(request.user, text), **filtered(request)}
    return page_or_part(request, "accounts/accounts.html", "accounts/_found.html", context)


@get_or_post
@needs("vpopmail.add_account")
def add_account(request: HttpRequest, domain: str) -> HttpResponse:
    real = get_domain(request, domain).real
    form = AddAccountForm(
        posted(request),
        domain=real,
        default_quota=default_quota(real),
        initial=AddAccountForm.kept(request.GET),
    )
    status = 200
    if form.is_valid():
        try:
            saved = services.add_account(actor=request.user, domain=real, **form.values())
        except VpopmailError as error:
            status = _refused(form, error)
        else:
            return _added(request, form, saved)
    return render(request, "accounts/add_account.html", {"domain": real, "form": form}, status=status)


def _refused(form: AddAccountForm, error: VpopmailError) -> int:
    """An alias or a directory of that name is a question, not an end: the box that answers it appears with
    the message."""
    if isinstance(error, Occupied):
        form.ask("park_existing")
    elif isinstance(error, Remains):
        form.ask("left")
    elif error.field == "name" and aliases.is_taken(form.domain, form.cleaned_data["name"]):
        form.ask("beside_alias")
    return refuse(form, error)


def _added(request: HttpRequest, form: AddAccountForm, outcome: Outcome) -> HttpResponse:
    """A generated password is shown in this one answer and nowhere else; otherwise on to the account."""
    name = form.cleaned_data["name"]
    address, url = f"{name}@{form.domain}", reverse("account", args=[form.domain, name])
    tell(request, format_html('<a href="{}">{}</a> {}', url, address, _("was added.")), outcome)
    another = f"{reverse('add-account', args=[form.domain])}?{form.settings_query}"
    if not form.shown_once:
        return redirect(another if "another" in request.POST else url)
    context = {
        "domain": form.domain,
        "address": address,
        "secret": form.shown_once,
        "program": "vadduser",
        "url": url,
        "another": another,
    }
    return secret_page(request, context)


@needs("vpopmail.view_account")
def account(request: HttpRequest, domain: str, name: str) -> HttpResponse:
    found = get_account(request, domain, name)
    if domain != found.domain:
        return redirect("account", found.domain, found.name)
    context = {
        "account": found,
        "domain": found.domain,
        "gecos_form": GecosForm(account=found),
        "quota_form": QuotaForm(account=found),
        "password_form": PasswordForm(account=found),
        "attempts": latest(found),
        **facts_of(found),
        "own": isinstance(request.user, User) and is_own(request.user, found),
        "own_alias": aliases.get_alias(found.domain, found.name),
        "leading_here": aliases.aliases_to(found.address),
        "forwarding": forwarding_words.of(request.user, found),
        "vacation": vacation_words.of(request.user, found),
        "entries": journal_of(request, found.address),
    }
    return render(request, "accounts/account.html", context)


@get_or_post
@needs("vpopmail.delete_account")
@needs_confirmation
def delete_account(request: HttpRequest, domain: str, name: str) -> HttpResponse:
    """What goes and what stays; one POST deletes."""
    found = get_account(request, domain, name)
    form = DeleteAccountForm(posted(request))
    status = 200
    if form.is_valid():
        choice = form.cleaned_data["aliases"]
        try:
            outcome = services.delete_account(
                actor=request.user, domain=found.domain, name=found.name, aliases=choice
            )
        except VpopmailError as error:
            status = refuse(form, error)
        else:
            return _deleted(request, found.address, found.domain, outcome)
    return _deletion_page(request, found, form, status)


def _deletion_page(
    request: HttpRequest, account: Account, form: DeleteAccountForm, status: int
) -> HttpResponse:
    plan = plans.plan_vdeluser(account.domain, account.name)
    own_alias = plan.alias_lines
    if own_alias:  # what becomes of it is a question of its own, in words of its own
        plan = replace(plan, aliases=Count(0), alias_lines=(), notes=plan.notes[1:])
    if is_elsewhere(account):  # a note says that it is left where it is
        plan = replace(plan, directory="")
    context = {
        "account": account,
        "domain": account.domain,
        "form": form,
        "plan": plan,
        "own_alias": shown_lines(own_alias, domains_of(request.user)),
        "copy_line": mailbox_line(account) in [line.line for line in own_alias],
        "leading_here": aliases.aliases_to(account.address),
    }
    return render(request, "accounts/delete_account.html", context, status=status)


def _deleted(request: HttpRequest, address: str, domain: str, outcome: Outcome) -> HttpResponse:
    text = _("%(address)s was deleted.") % {"address": address}
    if outcome.kept_until:
        day = date_format(outcome.kept_until, "DATE_FORMAT")
        text += " " + _("Its mail is kept until %(day)s in %(directory)s.") % {
            "day": day,
            "directory": outcome.trash,
        }
    tell_deleted(request, text, outcome)
    return redirect("domain", domain)
