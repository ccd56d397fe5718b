"""The administrator's first page: a row of figures, health in one sentence, the latest changes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from audit.models import Entry
from vpopmail import assigned, listing
from vqweb.health import problems
from web.access import may, needs

LATEST = 10


@needs("vpopmail.view_domain")
def dashboard(request: HttpRequest) -> HttpResponse:
    domains = assigned.domains()
    context = {
        "domains": len(domains.real_domains),
        "alias_domains": len(domains.alias_domains),
        "accounts": listing.estimated_accounts(),
        "problems": problems(),
        "entries": Entry.objects.order_by("-id")[:LATEST] if may(request.user, "audit.view_entry") else None,
    }
    return render(request, "vqweb/dashboard.html", context)
