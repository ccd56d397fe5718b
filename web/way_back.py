"""Back to the page somebody came from, and never to another server."""

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(request: HttpRequest) -> str:
    """The path in the field or parameter `next`; the dashboard when it is no path of this panel."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    own = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None, request.is_secure())
    return wanted if own else resolve_url("dashboard")
