"""Signing in and out. Nothing here tells which user names exist."""

import platform
from typing import Any

from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts import first_run


class SignInForm(AuthenticationForm):
    """User name and password; one text for every way to fail."""

    error_messages = {
        "invalid_login": _(
            "User name and password do not fit together. Try again, or ask your administrator."
        ),
        "inactive": _("User name and password do not fit together. Try again, or ask your administrator."),
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["username"].widget.attrs.update({"autocapitalize": "none", "spellcheck": "false"})


@method_decorator(login_not_required, name="dispatch")
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
        response = super().form_valid(form)
        first_run.forget_first_password(settings.VQWEB_STATE, form.get_user().get_username())
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(host=platform.node(), **kwargs)


class SignOut(views.LogoutView):
    """POST only, so that no link or image can sign anybody out."""
