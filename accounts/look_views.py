"""Pages of looking as somebody else."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import looking
from accounts.account_views import get_or_post
from accounts.confirm import needs_confirmation
from accounts.roles import OWN_SIGN_IN
from vpopmail.assigned import domains
from vpopmail.engines.base import VpopmailError
from web.access import get_account, needs
from web.feedback import status_of, tell


@get_or_post
@needs(looking.LOOK_AS)
@needs_confirmation
def look_as(request: HttpRequest, domain: str, name: str) -> HttpResponse:
    """What it means to look as the owner of an account; one POST begins it."""
    account = get_account(request, domain, name)
    context = {"account": account, "domain": account.domain, "minutes": looking.MINUTES}
    if request.method != "POST":
        return render(request, "accounts/look_as.html", context)
    try:
        looking.begin(request, account)
    except VpopmailError as error:
        context["error"] = error.message
        return render(request, "accounts/look_as.html", context, status=status_of(error))
    return redirect("dashboard")


@require_POST
@needs(OWN_SIGN_IN)
def stop_looking(request: HttpRequest) -> HttpResponse:
    """Back to oneself, on the page of the account that was looked as."""
    name, _at, domain = looking.end(request).rpartition("@")
    if not name:
        return redirect("dashboard")
    tell(request, _("You are yourself again."))
    return redirect("account", domain, name) if domain in domains() else redirect("dashboard")
