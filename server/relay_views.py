"""The page of IP addresses that may send mail through this server because somebody read mail from there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from vpopmail import relays
from web.access import needs
from web.paging import KeysetPage, position


@needs("vpopmail.view_sign_ins")
def relay(request: HttpRequest) -> HttpResponse:
    after = position(request)
    found = relays.page(after)
    context = {
        "page": KeysetPage(found.rows, found.next_after, after),
        "exist": relays.exist(),
        "minutes": relays.minutes(),
    }
    return render(request, "server/relays.html", context)
