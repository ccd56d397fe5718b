"""A passkey in the place of the password, where the panel asks to sign in again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import failures
from accounts.second_factor import passkeys
from accounts.second_factor.forms import ShowPasskeyForm
from web import confirm
from web.access import needs


@require_POST
@needs("accounts.own_sign_in")
def confirm_by_passkey(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    back = wanted if safe else resolve_url("dashboard")
    form = ShowPasskeyForm(request.POST)
    answer = form.cleaned_data["answer"] if form.is_valid() else ""
    if passkeys.shown(request, answer, passkeys.AGAIN) is None:
        failures.failed(failures.WRONG_FACTOR, request.user.get_username())
        messages.error(request, _("The passkey did not fit. Try again, or give the password."))
        return redirect(f"{resolve_url('confirm')}?{urlencode({'next': back})}")
    confirm.confirmed(request)
    return redirect(back)
