"""One's own second factor: what is enrolled, adding, removing, recovery codes."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.second_factor import app_codes, factors, passkeys, services
from accounts.second_factor.forms import PasskeyForm, SetupForm
from accounts.second_factor.gate import is_required
from accounts.second_factor.models import AuthenticatorApp, Passkey
from accounts.second_factor.notices import address_of
from vpopmail.engines.base import VpopmailError
from web.access import needs
from web.confirm import needs_confirmation

OWN = "accounts.own_sign_in"
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@needs(OWN)
def second_factor(request: HttpRequest) -> HttpResponse:
    app, keys = factors.app_of(request.user), factors.passkeys_of(request.user)
    context = {
        "app": app,
        "passkeys": keys,
        "enrolled": bool(app or keys),
        "codes_left": factors.codes_left(request.user),
        "required": is_required(request.user),
        "passkeys_possible": passkeys.is_possible(request),
        "host": passkeys.host_of(request),
        "notices_to": address_of(services.person_of(request)),
    }
    return render(request, "accounts/second_factor.html", context)


def _after_enrolling(request: HttpRequest, codes: list[str], said: str) -> HttpResponse:
    messages.success(request, said)
    return _codes_page(request, codes) if codes else redirect("second-factor")


def _codes_page(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """The one answer that shows recovery codes."""
    return render(request, "accounts/recovery_codes_once.html", {"codes": codes, "text": "\n".join(codes)})


@get_or_post
@needs(OWN)
@needs_confirmation
def add_app(request: HttpRequest) -> HttpResponse:
    form = SetupForm(request.POST or None)
    secret = app_codes.secret_of(request.POST.get("setup", ""), request.user)
    if secret and form.is_valid():
        app = app_codes.enrol(request.user, secret, form.cleaned_data["code"])
        if app is not None:
            return _after_enrolling(request, services.add_app(request, app), _("The app was added."))
        form.add_error("code", _("That is not the code the app shows now. Is the phone's clock right?"))
    if not secret:  # the first time, or too late
        setup = app_codes.new_setup(request.user)
        secret = app_codes.secret_of(setup, request.user)
        form = SetupForm(initial={"setup": setup})
    otpauth = app_codes.address(secret, request.user.get_username(), passkeys.host_of(request))
    context = {
        "form": form,
        "picture": app_codes.picture(otpauth),
        "secret": app_codes.readable_secret(secret),
        "otpauth": otpauth,
        "replaces": factors.app_of(request.user) is not None,
    }
    return render(request, "accounts/add_app.html", context)


@get_or_post
@needs(OWN)
@needs_confirmation
def add_passkey(request: HttpRequest) -> HttpResponse:
    if not passkeys.is_possible(request):
        raise Http404(_("Browsers keep passkeys for host names and HTTPS only."))
    if len(factors.passkeys_of(request.user)) >= passkeys.MOST:
        messages.error(request, _("You have as many passkeys as there may be. Remove one first."))
        return redirect("second-factor")
    form = PasskeyForm(request.POST or None)
    if form.is_valid():
        values = form.cleaned_data
        passkey = passkeys.made(request, values["answer"], values["name"])
        if passkey is not None:
            codes = services.add_passkey(request, passkey)
            return _after_enrolling(request, codes, _("The passkey was added."))
        form.add_error(None, _("The passkey could not be taken. Try again."))
    form = PasskeyForm(initial={"name": request.POST.get("name", "")}) if not form.errors else form
    context = {"form": form, "options": passkeys.creation_options(request)}
    return render(request, "accounts/add_passkey.html", context)


def _factor(request: HttpRequest, key: str) -> AuthenticatorApp | Passkey:
    """`app`, or `passkey-3`: the person's own; 404 for anything else."""
    kind, _dash, pk = key.partition("-")
    found: AuthenticatorApp | Passkey | None = None
    if key == factors.APP:
        found = factors.app_of(request.user)
    elif kind == factors.PASSKEY and pk.isascii() and pk.isdigit() and len(pk) < 18:
        found = Passkey.objects.filter(user_id=factors.pk_of(request.user), pk=int(pk)).first()
    if found is None:
        raise Http404(_("You have no such second factor."))
    return found


@get_or_post
@needs(OWN)
@needs_confirmation
def remove_factor(request: HttpRequest, key: str) -> HttpResponse:
    factor = _factor(request, key)
    required = is_required(request.user)
    if request.method == "POST":
        try:
            services.remove(request, factor, required=required)
        except VpopmailError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("It was removed."))
        return redirect("second-factor")
    is_last = len(factors.marks_of(request.user)) < 2
    context = {
        "passkey": factor if isinstance(factor, Passkey) else None,
        "last": is_last,
        "refused": is_last and required,
    }
    return render(request, "accounts/remove_factor.html", context)


@get_or_post
@needs(OWN)
@needs_confirmation
def recovery_codes(request: HttpRequest) -> HttpResponse:
    if not factors.marks_of(request.user):
        return redirect("second-factor")
    if request.method == "POST":
        return _codes_page(request, services.renew_codes(request))
    return render(request, "accounts/recovery_codes.html", {"left": factors.codes_left(request.user)})
