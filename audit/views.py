"""The journal: what was changed, by whom, from where, with what result."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from audit.forms import FilterForm
from audit.models import Entry
from audit.visible import entries_for
from web.access import needs
from web.paging import PAGE_SIZE, KeysetPage, cut, position


@needs("audit.view_entry", somewhere=True)
def activity(request: HttpRequest) -> HttpResponse:
    form = FilterForm(request.GET)
    page = entries_page(request, form)
    shown = {"form": form, "page": page, "filtered": form.is_filtered, "started": _left_started(request)}
    return render(request, "audit/activity.html", shown)


def _left_started(request: HttpRequest) -> int:
    """How many changes have no recorded end: under way at this moment, or interrupted."""
    return entries_for(request.user).filter(state=Entry.State.STARTED).count()


def entries_page(request: HttpRequest, form: FilterForm) -> KeysetPage[Entry]:
    """The newest first; ids only grow, so the page begins below the last id shown."""
    entries = form.narrow(entries_for(request.user).order_by("-id"))
    after = position(request)
    if after.isdecimal():
        entries = entries.filter(id__lt=int(after))
    return cut(list(entries[: PAGE_SIZE + 1]), after, key=lambda entry: entry.pk)


@needs("audit.view_entry", somewhere=True)
def entry(request: HttpRequest, key: str) -> HttpResponse:
    found = entries_for(request.user).filter(key=key).first()
    if found is None:
        raise Http404(_("There is no journal entry %(key)s.") % {"key": key})
    return render(request, "audit/entry.html", {"entry": found})
