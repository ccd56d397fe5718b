"""The page of the machine as a whole: where its parts are."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from server.parts import parts
from web.access import needs


@needs("vpopmail.change_domain")
def server(request: HttpRequest) -> HttpResponse:
    """What there is about this server beside its domains."""
    return render(request, "server/server.html", {"parts": parts(request.user)})
