"""Taking somebody's second factor away, for who lost it: only by people of higher rank, never by mail."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.roles import may_reset_factor
from accounts.second_factor import factors, services
from vpopmail.engines.base import VpopmailError
from web.access import MissingRight, get_account, needs
from web.confirm import needs_confirmation

RESET = "vpopmail.reset_second_factor"
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _reset(request: HttpRequest, user: User) -> None:
    try:
        services.reset(request.user, user, request)
    except VpopmailError as error:
        messages.error(request, error.message)
        return
    said = _("%(user)s signs in with the password alone until a second factor is enrolled again.")
    messages.success(request, said % {"user": user.get_username()})


@get_or_post
@needs(RESET)
@needs_confirmation
def reset_second_factor(request: HttpRequest, domain: str, name: str) -> HttpResponse:
    """`get_account` asks for the right on this very account: nobody resets who outranks them, or oneself;
    of who administers the server, superusers only.
    """
    account = get_account(request, domain, name)
    user = User.objects.filter(name=account.name, domain=account.domain, ended_at=None).first()
    own = user is not None and user.pk == request.user.pk
    if own or not may_reset_factor(request.user, account):
        raise MissingRight(RESET if own else "superuser")
    enrolled = factors.marks_of(user) if user else frozenset()
    if request.method == "POST" and user is not None and enrolled:
        _reset(request, user)
        return redirect("account", account.domain, account.name)
    context = {"account": account, "domain": account.domain, "count": len(enrolled)}
    return render(request, "accounts/reset_second_factor.html", context)


@get_or_post
@needs("accounts.change_user")
@needs_confirmation
def reset_administrator_factor(request: HttpRequest, key: str) -> HttpResponse:
    """Of an administrator, by user name; a superuser's by superusers only."""
    user = User.objects.filter(username=key, domain="").first()
    if user is None:
        raise Http404(_("There is no administrator %(name)s.") % {"name": key})
    by_superuser = bool(getattr(request.user, "is_superuser", False))
    if user.pk == request.user.pk or (user.is_superuser and not by_superuser):
        raise MissingRight("accounts.change_user")
    enrolled = factors.marks_of(user)
    if request.method == "POST" and enrolled:
        _reset(request, user)
        return redirect("administrator", user.username)
    context = {"person": user, "count": len(enrolled)}
    return render(request, "accounts/reset_administrator_factor.html", context)
