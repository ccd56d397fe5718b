"""Signing in and out. Nothing here tells which user names and addresses exist."""

from __future__ import annotations

import platform
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import PermissionDenied
from django.core.validators import ProhibitNullCharactersValidator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts import devices, first_run, proof


def wait_message(seconds: int) -> str:
    """What somebody is told whose attempts were too many."""
    minutes = -(-seconds // 60)
    return ngettext(
        "There were too many failed attempts. Try again in %(minutes)d minute.",
        "There were too many failed attempts. Try again in %(minutes)d minutes.",
        minutes,
    ) % {"minutes": minutes}


class SignInForm(AuthenticationForm):
    """User name or address, and password; one text for every way to fail."""

    error_messages = {
        "invalid_login": _("Name and password do not fit together. Try again, or ask your administrator."),
        "inactive": _("Name and password do not fit together. Try again, or ask your administrator."),
    }
    too_many = 0  # seconds to wait

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = _("E-mail address or user name")
        self.fields["username"].widget.attrs.update({"autocapitalize": "none", "spellcheck": "false"})
        for field in self.fields.values():  # what is odd is wrong, and not told apart
            field.validators = [
                v for v in field.validators if not isinstance(v, ProhibitNullCharactersValidator)
            ]

    def clean(self) -> dict[str, Any]:
        typed, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not typed or not password or self.request is None:
            return self.cleaned_data
        try:
            user = proof.sign_in(self.request, typed, password)
        except proof.TooMany as error:
            self.too_many = error.seconds
            raise forms.ValidationError(wait_message(error.seconds), code="too_many") from None
        if user is None:
            raise self.get_invalid_login_error()
        self.user_cache = user
        return self.cleaned_data


@method_decorator(login_not_required, name="dispatch")
@method_decorator(sensitive_post_parameters(), name="dispatch")
class SignIn(views.LoginView):
    """A part of a page asked for by htmx after the session ended sends the whole browser here."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if htmx := HtmxDetails(request):
            back = urlencode({"next": htmx.current_url_abs_path or "/"})
            return HttpResponseClientRedirect(f"{resolve_url('sign-in')}?{back}")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        response = super().form_valid(form)
        devices.remember(self.request, response, proof.who_of(user.get_username()))
        first_run.forget_first_password(settings.VQWEB_STATE, user.get_username())
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        if seconds := getattr(form, "too_many", 0):
            response.status_code = 429
            response["Retry-After"] = str(seconds)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(host=platform.node(), **kwargs)


class SignOut(views.LogoutView):
    """POST only, so that no link or image can sign anybody out."""


@login_not_required
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Django's admin has no sign-in of its own: it would know neither throttle nor second factor."""
    if request.user.is_authenticated:
        if not getattr(request.user, "is_staff", False):
            raise PermissionDenied
        return redirect("admin:index")
    back = request.GET.get("next") or resolve_url("admin:index")
    return redirect(f"{resolve_url('sign-in')}?{urlencode({'next': back})}")
