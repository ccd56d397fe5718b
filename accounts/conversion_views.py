"""The page that moves a domain's aliases between the table and files: the plan first, then one POST."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.account_views import get_or_post
from accounts.alias_views import status_of
from accounts.conversion_services import convert_aliases, plan_for
from vpopmail.engines.base import VpopmailError
from vpopmail.schema import schema
from web.access import get_domain, needs
from web.feedback import tell

SHOWN = 200  # aliases of each kind


class ConversionForm(forms.Form):
    """Which way, and the plan that the person saw."""

    to = forms.ChoiceField(choices=[("sql", "sql"), ("files", "files")], widget=forms.HiddenInput)
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


@get_or_post
@needs("vpopmail.change_domain", "vpopmail.change_alias")
def convert(request: HttpRequest, domain: str) -> HttpResponse:
    found = get_domain(request, domain)
    if found.real != domain:
        return redirect("convert-aliases", found.real)
    way = request.POST.get("to") or request.GET.get("to") or ("sql" if schema().aliases == "sql" else "files")
    refused, status = "", 200
    if request.method == "POST":
        form = ConversionForm(request.POST)
        if not form.is_valid():
            return redirect("convert-aliases", found.real)
        try:
            outcome, done = convert_aliases(actor=request.user, domain=found.real, **form.cleaned_data)
        except VpopmailError as error:
            refused, status = error.message, status_of(error)
        else:
            sentence = ngettext("%(count)d alias was moved.", "%(count)d aliases were moved.", len(done))
            tell(request, sentence % {"count": len(done)}, outcome)
            return redirect("domain-aliases", found.real)
    return _page(request, found.real, "files" if way == "files" else "sql", refused, status)


def _page(request: HttpRequest, domain: str, to: str, refused: str, status: int) -> HttpResponse:
    wanted = plan_for(request.user, domain, to)
    context = {
        "domain": domain,
        "plan": wanted,
        "goes": wanted.goes[:SHOWN],
        "goes_besides": max(0, len(wanted.goes) - SHOWN),
        "stays": wanted.stays[:SHOWN],
        "stays_besides": max(0, len(wanted.stays) - SHOWN),
        "refused": refused,
        "title": _("Move aliases into the table") if to == "sql" else _("Move aliases into files"),
    }
    return render(request, "accounts/convert_aliases.html", context, status=status)
