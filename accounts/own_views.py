"""Pages of one's own mailbox: who am I, my password, my display name, where I signed in, what leads here."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import forwarding_words, roles, services, sessions, vacation_words
from accounts.account_views import get_or_post
from accounts.forms import GecosForm, PasswordForm, posted
from accounts.models import User
from accounts.reports import facts_of
from vpopmail import aliases
from vpopmail.assigned import domains
from vpopmail.engines.base import Changed, VpopmailError
from vpopmail.models import Account
from web.access import MissingRight, needs
from web.confirm import needs_confirmation
from web.feedback import refuse, tell
from web.sign_ins import attempts_at, latest, listed

LATEST = 5  # sign-ins to this panel that are shown


def own(request: HttpRequest) -> tuple[User, Account]:
    """The person and its account, as the middleware has just read it."""
    user = request.user
    if not isinstance(user, User) or user.account is None:
        raise Http404(_("There is no such mailbox any more."))
    request.about = user.account  # type: ignore[attr-defined]
    return user, user.account


@needs(roles.OWN_MAILBOX)
def own_account(request: HttpRequest) -> HttpResponse:
    user, account = own(request)
    context = {
        "account": account,
        "may_change_password": roles.may_change_own_password(account),
        "gecos_form": GecosForm(account=account),
        "other_names": [f"{account.name}@{name}" for name in domains().aliases_of(account.domain)],
        "own_alias": bool(aliases.get_alias(account.domain, account.name)),
        "leading_here": aliases.aliases_to(account.address),
        "sessions": sessions.of(user)[:LATEST],
        "attempts": latest(account),
        "forwarding": forwarding_words.of(user, account),
        "vacation": vacation_words.of(user, account),
        **facts_of(account),
    }
    return render(request, "accounts/own_account.html", context)


@needs(roles.OWN_MAILBOX)
def own_sign_ins(request: HttpRequest) -> HttpResponse:
    """Who signed in to the mailbox, or failed to."""
    _user, account = own(request)
    return render(request, "accounts/own_sign_ins.html", listed(request, attempts_at(account)))


@get_or_post
@needs(roles.OWN_MAILBOX)
def own_name(request: HttpRequest) -> HttpResponse:
    """The display name, as colleagues see it."""
    user, account = own(request)
    form, status = GecosForm(posted(request), account=account), 200
    if form.is_valid():
        if not form.is_new:
            return redirect("own-account")
        new, seen = form.cleaned_data["gecos"], {"gecos": form.cleaned_data["seen"]}
        try:
            outcome = services.change_account(
                actor=user, domain=account.domain, name=account.name, gecos=new, expected=seen
            )
        except VpopmailError as error:
            status = refuse(form, error)
            if isinstance(error, Changed):
                form.renew(services.find_account(account.domain, account.name))
        else:
            tell(request, _("Your name was saved."), outcome)
            return redirect("own-account")
    return render(request, "accounts/own_name.html", {"account": account, "form": form}, status=status)


@get_or_post
@needs(roles.OWN_MAILBOX)
@needs_confirmation
def own_password(request: HttpRequest) -> HttpResponse:
    """The mail password, which opens this panel as well: everywhere else one is signed out by it."""
    user, account = own(request)
    if not roles.may_change_own_password(account):
        raise MissingRight(roles.CHANGE_PASSWORD)
    form, status = PasswordForm(posted(request), account=account), 200
    if form.is_valid():
        secret = form.cleaned_data["password"]
        try:
            saved = services.change_password(
                actor=user, domain=account.domain, name=account.name, password=secret
            )
        except VpopmailError as error:
            status = refuse(form, error)
        else:
            tell(request, _("Your password was changed. You were signed out everywhere else."), saved)
            return _after_password(request, user, form.shown_once)
    return render(request, "accounts/own_password.html", {"account": account, "form": form}, status=status)


def _after_password(request: HttpRequest, user: User, secret: str) -> HttpResponse:
    """This session goes on with the new password; a generated one is shown in this one answer."""
    sessions.keep(request, user)
    if not secret:
        return redirect("own-account")
    response = render(request, "accounts/own_shown_once.html", {"address": user.address, "secret": secret})
    response["Cache-Control"] = "no-store"
    return response
