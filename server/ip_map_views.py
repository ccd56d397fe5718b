"""Pages of the map of IP addresses: which domain one stands for when somebody signs in with a name alone."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from server import ip_map_services as services
from server.ip_map_forms import IpMapForm
from server.trash_views import get_or_post
from vpopmail import ip_map
from vpopmail.engines.base import Changed, VpopmailError
from web.access import needs
from web.feedback import refuse, status_of, tell
from web.paging import KeysetPage, position


@needs("vpopmail.view_domain")
def ip_map_list(request: HttpRequest) -> HttpResponse:
    after = position(request)
    found = ip_map.page(after)
    page = KeysetPage(found.rows, found.next_after, after)
    return render(request, "server/ip_map.html", {"page": page, "exists": ip_map.exists()})


@get_or_post
@needs("vpopmail.change_domain")
def add_ip(request: HttpRequest) -> HttpResponse:
    """A new address; one that stands for a domain already is changed on its own page."""
    return _save(request, "")


@get_or_post
@needs("vpopmail.change_domain")
def change_ip(request: HttpRequest, ip: str) -> HttpResponse:
    """Another domain for an address."""
    return _save(request, _known(ip).ip)


def _save(request: HttpRequest, ip: str) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form, status = IpMapForm(posted, ip=ip, domain=ip_map.domain_of(ip) or "" if ip else ""), 200
    if form.is_valid():
        given, domain = ip or form.cleaned_data["ip"], form.cleaned_data["domain"]
        seen = form.cleaned_data["seen"]
        if ip and domain == seen:
            return redirect("ip-map")
        try:
            outcome = services.add_ip_map(actor=request.user, ip=given, domain=domain, replaces=seen)
        except VpopmailError as error:
            status = refuse(form, error)
            if isinstance(error, Changed) and ip:
                form.renew(ip_map.domain_of(ip) or "")
        else:
            tell(request, _("%(ip)s stands for %(domain)s.") % {"ip": given, "domain": domain}, outcome)
            return redirect("ip-map")
    return render(request, "server/change_ip.html", {"form": form, "ip": ip}, status=status)


@get_or_post
@needs("vpopmail.change_domain")
def delete_ip(request: HttpRequest, ip: str) -> HttpResponse:
    """What follows; one POST deletes, if it still stands for the domain that the page showed."""
    found, reason, status = _known(ip), "", 200
    if request.method == "POST":
        seen = request.POST.get("domain", "")
        try:
            outcome = services.delete_ip_map(actor=request.user, ip=found.ip, domain=seen)
        except VpopmailError as error:
            reason, status = error.message, status_of(error)
            found = _known(ip)
        else:
            tell(request, _("%(ip)s stands for no domain any more.") % {"ip": found.ip}, outcome)
            return redirect("ip-map")
    return render(request, "server/delete_ip.html", {"mapping": found, "reason": reason}, status=status)


def _known(ip: str) -> ip_map.Mapping:
    domain = ip_map.domain_of(ip)
    if domain is None:
        raise Http404(_("%(ip)s stands for no domain.") % {"ip": ip})
    return ip_map.Mapping(ip, domain)
