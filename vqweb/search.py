"""The search box: suggestions while typing, a page with Enter, straight to the page of what is named in
full.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from vqweb.finding import Query, exact, find
from web.access import needs

LONGEST = 200
SUGGESTED, LISTED = 6, 50  # rows of each group
SHORTEST = 2  # letters from which suggestions are useful


@needs("vpopmail.view_domain", somewhere=True)
def search(request: HttpRequest) -> HttpResponse:
    query = Query.of(request.GET.get("q", "")[:LONGEST])
    if "part" in request.GET:
        groups = find(request.user, query, SUGGESTED) if len(query.text) >= SHORTEST else []
        return render(request, "vqweb/_found.html", {"groups": groups, "query": query.text, "part": True})
    if url := exact(request.user, query):
        return redirect(url)
    groups = find(request.user, query, LISTED)
    return render(request, "vqweb/search.html", {"groups": groups, "query": query.text})
