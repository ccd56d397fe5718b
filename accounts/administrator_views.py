"""Pages of administrators, below /server/administrators/: for superusers."""

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import administrators
from accounts.account_views import get_or_post
from accounts.administrator_forms import (
    AddAdministratorForm,
    AdministratorPasswordForm,
    ChangeAdministratorForm,
    GiveDomainForm,
    secret_of,
)
from accounts.confirm import needs_confirmation
from accounts.forms import posted
from accounts.models import Grant, User
from accounts.reports import LATEST
from audit.models import Entry
from vpopmail.engines.base import Changed, NotFound, VpopmailError
from web.access import may, needs
from web.feedback import refuse, tell

VIEW, ADD, CHANGE = "accounts.view_user", "accounts.add_user", "accounts.change_user"


def _find(username: str) -> User:
    try:
        return administrators.find(username)
    except NotFound as error:
        raise Http404(error.message) from error


@needs(VIEW)
def administrators_page(request: HttpRequest) -> HttpResponse:
    people = administrators.everybody().prefetch_related("groups", "grants")
    return render(request, "accounts/administrators.html", {"people": people})


@get_or_post
@needs(ADD)
@needs_confirmation
def add_administrator(request: HttpRequest) -> HttpResponse:
    form, status = AddAdministratorForm(posted(request)), 200
    if form.is_valid():
        password, generated = secret_of(form)
        try:
            user = administrators.add_administrator(actor=request.user, password=password, **form.values())
        except VpopmailError as error:
            status = refuse(form, error)
        else:
            tell(request, _("%(name)s was added.") % {"name": user.username})
            return _after_password(request, user, generated)
    return render(request, "accounts/add_administrator.html", {"form": form}, status=status)


def _after_password(request: HttpRequest, user: User, generated: str) -> HttpResponse:
    """A generated password is shown in this one answer; no browser keeps it (`needs` says so)."""
    if not generated:
        return redirect("administrator", user.username)
    return render(request, "accounts/administrator_once.html", {"person": user, "secret": generated})


@get_or_post
@needs(CHANGE)
@needs_confirmation
def administrator(request: HttpRequest, key: str) -> HttpResponse:
    """Who the administrator is, and what they may; the form saves that."""
    user = _find(key)
    form, status = ChangeAdministratorForm(posted(request), user=user), 200
    if form.is_valid():
        try:
            outcome = administrators.change_administrator(actor=request.user, user=user, **form.values())
        except VpopmailError as error:
            status = refuse(form, error)
            if isinstance(error, Changed):
                form.renew(user)
        else:
            tell(request, _("%(name)s was saved.") % {"name": user.username}, outcome)
            return redirect("administrator", user.username)
    return _page(request, user, form, GiveDomainForm(), status)


def _page(
    request: HttpRequest, user: User, form: forms.Form, domain_form: forms.Form, status: int = 200
) -> HttpResponse:
    context = {
        "person": user,
        "form": form,
        "domain_form": domain_form,
        "grants": user.grants.order_by("domain"),
        "valid": set(Grant.objects.valid().filter(user=user).values_list("domain", flat=True)),
        "entries": _entries(request, user),
    }
    return render(request, "accounts/administrator.html", context, status=status)


def _entries(request: HttpRequest, user: User) -> Sequence[Entry] | None:
    if not may(request.user, "audit.view_entry"):
        return None
    found = Entry.objects.filter(action=administrators.ACTION, target=user.username)
    return list(found.order_by("-id")[:LATEST])


@get_or_post
@needs(CHANGE)
@needs_confirmation
def administrator_password(request: HttpRequest, key: str) -> HttpResponse:
    user = _find(key)
    form, status = AdministratorPasswordForm(posted(request)), 200
    if form.is_valid():
        password, generated = secret_of(form)
        try:
            administrators.set_password(actor=request.user, user=user, password=password)
        except VpopmailError as error:
            status = refuse(form, error)
        else:
            tell(request, _("The password of %(name)s was changed.") % {"name": user.username})
            return _after_password(request, user, generated)
    return render(
        request, "accounts/administrator_password.html", {"form": form, "person": user}, status=status
    )


@get_or_post
@needs(CHANGE)
@needs_confirmation
def give_domain(request: HttpRequest, key: str) -> HttpResponse:
    """Grant a domain, or change the last day of a grant."""
    user = _find(key)
    if request.method != "POST":  # back from signing in again
        return redirect("administrator", user.username)
    form, status = GiveDomainForm(request.POST), 200
    if form.is_valid():
        try:
            administrators.give_domain(actor=request.user, user=user, **form.cleaned_data)
        except VpopmailError as error:
            status = refuse(form, error)
        else:
            tell(request, _("%(domain)s was granted.") % {"domain": form.cleaned_data["domain"]})
            return redirect("administrator", user.username)
    return _page(request, user, ChangeAdministratorForm(user=user), form, status)


@get_or_post
@needs(CHANGE)
@needs_confirmation
def take_domain(request: HttpRequest, key: str) -> HttpResponse:
    """End a grant."""
    user, domain = _find(key), request.POST.get("domain", "")
    if request.method != "POST":
        return redirect("administrator", user.username)
    try:
        administrators.take_domain(actor=request.user, user=user, domain=domain)
    except VpopmailError as error:
        messages.error(request, error.message)
    else:
        tell(request, _("The grant for %(domain)s has ended.") % {"domain": domain})
    return redirect("administrator", user.username)
