"""Pages about one's own sign-in: proving oneself again, the list of sessions, an administrator's password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import proof, roles, sessions
from accounts.models import User
from accounts.sign_in import wait_message
from audit.log import audit
from web import confirm
from web.access import needs
from web.way_back import way_back

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
_WRONG = gettext_lazy("That is not your password.")


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _prove(request: HttpRequest, password: str) -> None:
    """Raises ValidationError when it is not the password, or when there were too many attempts."""
    try:
        right = proof.again(request, password)
    except proof.TooMany as error:
        raise ValidationError(wait_message(error.seconds), code="too_many") from None
    if not right:
        raise ValidationError(_WRONG, code="wrong")


def _status(form: forms.Form) -> int:
    """429 when there were too many attempts."""
    errors = [error for errors in form.errors.as_data().values() for error in errors]
    return 429 if any(error.code == "too_many" for error in errors) else 200


# --- again ---


class AgainForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(*args)
        self.request = request

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        _prove(self.request, password)
        return password


@sensitive_post_parameters()
@get_or_post
@needs(roles.OWN_SIGN_IN)
def sign_in_again(request: HttpRequest) -> HttpResponse:
    back = way_back(request)
    form = AgainForm(request, request.POST) if request.method == "POST" else AgainForm(request)
    if form.is_valid():
        confirm.confirmed(request)
        return redirect(back)
    context = {"form": form, "next": back, "who": request.user.get_username()}
    return render(request, "accounts/sign_in_again.html", context, status=_status(form))


# --- sessions ---


@require_http_methods(["GET", "HEAD"])
@needs(roles.OWN_SIGN_IN)
def own_sessions(request: HttpRequest) -> HttpResponse:
    context = {"sessions": sessions.of(_person(request)), "this": request.session.session_key}
    return render(request, "accounts/own_sessions.html", context)


@require_POST
@needs(roles.OWN_SIGN_IN)
def end_sessions(request: HttpRequest) -> HttpResponse:
    """One by its number, or all but this one."""
    user, number = _person(request), request.POST.get("session", "")
    this = request.session.session_key or ""
    if number.isascii() and number.isdigit():
        found = user.sessions.filter(pk=int(number[:18])).exclude(session_key=this)
        count = sessions.end(user, list(found.values_list("session_key", flat=True)))
    else:
        count = sessions.end_all(user, but=this)
    message = ngettext("%(count)d session was ended.", "%(count)d sessions were ended.", count)
    messages.success(request, message % {"count": count})
    return redirect("own-sessions")


# --- the password of an administrator ---


class OwnPasswordForm(PasswordChangeForm):
    """Django's form, with the old password counted as every other proof."""

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(_person(request), *args)
        self.request = request

    def clean_old_password(self) -> str:
        password = str(self.cleaned_data["old_password"])
        _prove(self.request, password)
        return password


@sensitive_post_parameters()
@get_or_post
@needs(roles.OWN_SIGN_IN)
def own_administrator_password(request: HttpRequest) -> HttpResponse:
    """Of a mailbox the password is vpopmail's, and changed elsewhere."""
    user = _person(request)
    if user.is_mailbox:
        raise Http404
    form = OwnPasswordForm(request, request.POST) if request.method == "POST" else OwnPasswordForm(request)
    if not form.is_valid():
        return render(
            request, "accounts/own_administrator_password.html", {"form": form}, status=_status(form)
        )
    with audit(user, "change_own_password", user.username, changes={"password": "changed"}):
        form.save()
    sessions.keep(request, user)
    messages.success(request, _("Your password was changed. You were signed out everywhere else."))
    return redirect("own-sessions")
