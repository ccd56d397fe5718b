"""The page between the password and the panel."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import failures
from accounts.second_factor import factors, notices, passkeys
from accounts.second_factor.forms import CodeForm, RecoveryForm, ShowPasskeyForm
from accounts.second_factor.services import person_of
from web.access import needs
from web.way_back import way_back

MOST_FAILURES = 5  # in one session; then the password is asked for again


def _by_passkey(request: HttpRequest) -> str:
    form = ShowPasskeyForm(request.POST)
    passkey = passkeys.shown(request, form.cleaned_data["answer"]) if form.is_valid() else None
    return passkey.mark if passkey else ""


def _by_recovery_code(request: HttpRequest) -> str:
    form = RecoveryForm(request.POST)
    if not form.is_valid() or not factors.use_recovery_code(request.user, form.cleaned_data["recovery"]):
        return ""
    left = factors.codes_left(request.user)
    told = ngettext("%(left)d recovery code is left.", "%(left)d recovery codes are left.", left)
    told = _("A recovery code was used to sign in.") + " " + told % {"left": left}
    notices.send(request, person_of(request), told)
    messages.warning(request, told)
    return factors.mark_of_recovery(request.user)


def _by_code(request: HttpRequest) -> str:
    form = CodeForm(request.POST)
    return factors.use_app_code(request.user, form.cleaned_data["code"]) if form.is_valid() else ""


def _mark_of_what_was_sent(request: HttpRequest) -> str:
    if "answer" in request.POST:
        return _by_passkey(request)
    return _by_recovery_code(request) if "recovery" in request.POST else _by_code(request)


def _failed(request: HttpRequest) -> HttpResponse:
    """One answer for every way to fail, the same log line, and after five the password again."""
    user = person_of(request)
    failures.failed(failures.WRONG_FACTOR, user.get_username())
    count = request.session.get(factors.FAILURES, 0) + 1
    request.session[factors.FAILURES] = count
    if count < MOST_FAILURES:
        return _page(request, _("That did not fit. Try again."))
    notices.send(
        request,
        user,
        _("Somebody who knows the password of %(user)s failed at the second factor several times.")
        % {"user": user.get_username()},
    )
    logout(request)
    messages.error(request, _("Too many attempts. Sign in again."))
    return redirect("sign-in")


def _page(request: HttpRequest, error: str = "") -> HttpResponse:
    app, usable = factors.app_of(request.user), passkeys.usable(request)
    here = bool(usable) and passkeys.is_possible(request)
    elsewhere = {one.host for one in factors.passkeys_of(request.user)} - {passkeys.host_of(request)}
    context = {
        "error": error,
        "app": app,
        "wait": app.seconds_to_wait if app else 0,
        "passkey_options": passkeys.request_options(request) if here else "",
        "elsewhere": sorted(elsewhere) if not here else [],
        "code_form": CodeForm(),
        "recovery_form": RecoveryForm(),
        "next": way_back(request),
    }
    return render(request, "accounts/second_factor_step.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("accounts.own_sign_in")
def second_factor_step(request: HttpRequest) -> HttpResponse:
    found = factors.standing(request)
    if found.shown or not found.enrolled:
        return redirect(way_back(request))
    if request.method != "POST":
        return _page(request)
    mark = _mark_of_what_was_sent(request)
    if not mark:
        return _failed(request)
    factors.show(request, mark)
    return redirect(way_back(request))
