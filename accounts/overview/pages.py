"""What the page of all accounts shows of the report."""

from django.http import HttpRequest

from accounts.overview import reading
from vpopmail import filters
from web.access import domains_of, known_domains
from web.paging import position


def filtered(request: HttpRequest) -> dict[str, object]:
    """The filters with how many accounts each holds for, and a page of the one that was chosen: of the
    domains that the person may know of, or of the one in `domain`."""
    own, domain = domains_of(request.user), request.GET.get("domain", "")
    if domain:
        own = frozenset({domain}) & frozenset(known_domains(request.user))
    chosen = filters.find(request.GET.get("filter", ""))
    if chosen and not reading.is_reported(chosen):
        chosen = None
    return {
        "filters": [one for one in filters.shown() if reading.is_reported(one)],
        "filter": chosen,
        "of_domain": domain if own else "",
        "overview": reading.overview(own),
        "page": reading.page(chosen, position(request), own) if chosen else None,
    }
