"""Pages of attempts to sign in to mail: of the whole server, and of a domain."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from vpopmail import sign_in_figures
from web.access import get_domain, needs
from web.sign_ins import SignInFilter, listed


@needs("vpopmail.view_sign_ins")
def sign_ins(request: HttpRequest) -> HttpResponse:
    """The latest failures first; by account and by IP address on request."""
    form = SignInFilter(request)
    context = {"form": form, "figures": sign_in_figures.figures(), **listed(request, form.wanted())}
    return render(request, "server/sign_ins.html", context)


@needs("vpopmail.view_sign_ins")
def domain_sign_ins(request: HttpRequest, domain: str) -> HttpResponse:
    """Those of the accounts of a domain."""
    found = get_domain(request, domain)
    if found.is_alias:
        return redirect("domain-sign-ins", found.real)
    form = SignInFilter(request, domain=found.name)
    context = {
        "domain": found,
        "tab": "sign_ins",
        "form": form,
        "figures": sign_in_figures.figures(found.name),
        **listed(request, form.wanted()),
    }
    return render(request, "server/domain_sign_ins.html", context)
